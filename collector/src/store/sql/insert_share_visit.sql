insert into share_visit (
    site, level, hour_ms, cell, spool, position,
    id,
    count
)
:rows
