-- Known sites are written only when there is news, and once an hour: an upsert of every site would
-- lock their rows, and collectors that merge at the same time would wait for each other.
with told (host, template, build, seen_ms) as (:rows)
insert into site (host, template, build, added_ms, seen_ms)
select told.host, told.template, told.build, told.seen_ms, told.seen_ms
from told
left join site as known on known.host = told.host
where known.host is null
    or told.seen_ms >= known.seen_ms + 3600000
    or (
        told.seen_ms >= known.seen_ms
        and (
            told.template is distinct from known.template
            or told.build is distinct from known.build
        )
    )
order by told.host
on conflict (host) do update
set template = excluded.template, build = excluded.build, seen_ms = excluded.seen_ms
where excluded.seen_ms >= site.seen_ms
