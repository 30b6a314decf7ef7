update api_token set used_ms = $2 where id = $1
