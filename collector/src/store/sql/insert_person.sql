insert into person (name, role, password, created_ms)
values ($1, $2, $3, $4)
on conflict (name) do nothing
