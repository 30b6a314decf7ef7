insert into look (what, at_ms)
values ('changes', $1)
on conflict (what) do update
set at_ms = excluded.at_ms
where look.at_ms <= $2
