insert into activity (
    site, level, hour_ms, cell, spool, position,
    kind, page, device, country, browser, navigation, name,
    count
)
:rows
