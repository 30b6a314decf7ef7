-- Takes the rows of a site's hour that a fold replaces: those of the cells that have a new delta.
delete from activity
where site = $1 and hour_ms = $2 and level in (0, 1)
    and exists (
        select 1 from activity as flushed
        where flushed.site = activity.site
            and flushed.level = 0
            and flushed.hour_ms = activity.hour_ms
            and flushed.cell = activity.cell
    )
returning
    cell,
    kind, page, device, country, browser, navigation, name,
    count
