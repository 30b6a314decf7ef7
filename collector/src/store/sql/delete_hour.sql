delete from :table where site = $1 and level in (0, 1, 2) and hour_ms = $2
