insert into site (host, template, build, added_ms, seen_ms)
values ($1, $2, $3, $4, $4)
on conflict (host) do update
set template = excluded.template, build = excluded.build, seen_ms = excluded.seen_ms
