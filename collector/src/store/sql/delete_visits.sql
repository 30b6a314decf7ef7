delete from share_visit
where site in (:sites) and level in (0, 1, 2) and hour_ms < $1
