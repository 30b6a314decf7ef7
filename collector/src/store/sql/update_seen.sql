update person set seen_ms = $2 where name = $1
