select position from spool_position where spool = $1
