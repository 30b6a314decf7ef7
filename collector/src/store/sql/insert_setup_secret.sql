insert into setup_secret (hash, made_ms)
values ($1, $2)
on conflict (hash) do nothing
