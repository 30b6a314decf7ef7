-- Takes the rows of a site's hour that a fold replaces: those of the cells that have a new delta.
delete from vital
where site = $1 and hour_ms = $2 and level in (0, 1)
    and exists (
        select 1 from vital as flushed
        where flushed.site = vital.site
            and flushed.level = 0
            and flushed.hour_ms = vital.hour_ms
            and flushed.cell = vital.cell
    )
returning
    cell,
    metric, page, device, country, browser, navigation,
    count, sum, good, needs_improvement, poor, histogram
