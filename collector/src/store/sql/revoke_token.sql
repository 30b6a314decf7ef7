insert into revoked_token (token_id, revoked_ms)
values ($1, $2)
on conflict (token_id) do nothing
