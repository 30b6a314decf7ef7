select id, hash, name, scope, created_ms, used_ms, expires_ms from api_token where hash = $1
