insert into sums (site, level, lane, start_ms, spool, position, block)
:rows
