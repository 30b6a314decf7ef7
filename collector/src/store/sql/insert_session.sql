insert into session (hash, person, began_ms, used_ms)
values ($1, $2, $3, $4)
on conflict (hash) do nothing
