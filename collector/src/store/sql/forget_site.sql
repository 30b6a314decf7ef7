insert into forgotten_site (host, forgotten_ms)
values ($1, $2)
on conflict (host) do nothing
