update session set used_ms = $2 where hash = $1
