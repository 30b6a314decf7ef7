select name, role, password, created_ms, seen_ms from person where name = $1
