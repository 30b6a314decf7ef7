-- Locks the spool's row: a second process with the same spool waits here, then changes nothing.
update spool_position set position = $3 where spool = $1 and position = $2
