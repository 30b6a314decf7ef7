delete from session where used_ms < $1 or began_ms < $2
