-- Takes rows of a level that begin from $2 until before $3, of some sites. The lanes are listed for the
-- key.
delete from sums
where site in (:sites) and level = $1 and lane in (:lanes) and start_ms >= $2 and start_ms < $3
returning site, lane, start_ms, spool, position, block
