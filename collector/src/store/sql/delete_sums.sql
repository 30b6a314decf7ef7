delete from sums
where site in (:sites) and level = $1 and lane in (:lanes) and start_ms < $2
