select person, began_ms, used_ms from session where hash = $1
