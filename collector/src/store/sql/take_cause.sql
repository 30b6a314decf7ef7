-- Takes the rows of a site's hour that a fold replaces: those of the cells that have a new delta.
delete from cause
where site = $1 and hour_ms = $2 and level in (0, 1)
    and exists (
        select 1 from cause as flushed
        where flushed.site = cause.site
            and flushed.level = 0
            and flushed.hour_ms = cause.hour_ms
            and flushed.cell = cause.cell
    )
returning
    cell,
    metric, page, device, element,
    count, sum, good, needs_improvement, poor, histogram
