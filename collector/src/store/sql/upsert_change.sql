insert into change (
    id, metric, ratios, direction, template, build, device, country, browser, site, page, script,
    from_parts, to_parts, low_parts, high_parts, since_ms, found_ms, seen_ms, until_ms, sites, views
)
:rows
on conflict (id) do update
set metric = excluded.metric, ratios = excluded.ratios, direction = excluded.direction,
    template = excluded.template, build = excluded.build, device = excluded.device,
    country = excluded.country, browser = excluded.browser, site = excluded.site,
    page = excluded.page, script = excluded.script,
    from_parts = excluded.from_parts, to_parts = excluded.to_parts,
    low_parts = excluded.low_parts, high_parts = excluded.high_parts,
    since_ms = excluded.since_ms, seen_ms = excluded.seen_ms, until_ms = excluded.until_ms,
    sites = excluded.sites, views = excluded.views
