insert into kept (level, since_ms)
values ($1, $2)
on conflict (level) do update
set since_ms = excluded.since_ms
where excluded.since_ms > kept.since_ms
