select
    id, metric, ratios, direction, template, build, device, country, browser, site, page, script,
    from_parts, to_parts, low_parts, high_parts, since_ms, found_ms, seen_ms, until_ms, sites, views
from change
where until_ms >= $1
order by since_ms, id
