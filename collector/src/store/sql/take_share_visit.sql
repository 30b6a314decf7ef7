-- Takes the visits of a site's period (from $2 until before $3) that sums at level $4 replace: those of
-- the links that have finer rows. The list of levels is for the key; it can use no comparison.
delete from share_visit
where site = $1 and level in (0, 1, 2) and level <= $4 and hour_ms >= $2 and hour_ms < $3
    and cell in (
        select fine.cell
        from share_visit as fine
        where fine.site = $1 and fine.level in (0, 1) and fine.level < $4
            and fine.hour_ms >= $2 and fine.hour_ms < $3
    )
returning cell, id, count
