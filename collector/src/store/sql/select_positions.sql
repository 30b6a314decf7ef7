select spool, position from spool_position
