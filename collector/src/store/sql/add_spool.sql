insert into spool_position (spool, position)
values ($1, 0)
on conflict (spool) do nothing
