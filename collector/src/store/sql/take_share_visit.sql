-- Takes the rows of a site's hour that a fold replaces: those of the cells that have a new delta.
delete from share_visit
where site = $1 and hour_ms = $2 and level in (0, 1)
    and exists (
        select 1 from share_visit as flushed
        where flushed.site = share_visit.site
            and flushed.level = 0
            and flushed.hour_ms = share_visit.hour_ms
            and flushed.cell = share_visit.cell
    )
returning
    cell,
    id,
    count
