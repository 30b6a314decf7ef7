select name, role, password, created_ms, seen_ms from person order by name
