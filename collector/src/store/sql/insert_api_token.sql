insert into api_token (id, hash, name, scope, created_ms, expires_ms)
values ($1, $2, $3, $4, $5, $6)
