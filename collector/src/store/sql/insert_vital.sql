insert into vital (
    site, level, hour_ms, cell, spool, position,
    metric, page, device, country, browser, navigation,
    count, sum, good, needs_improvement, poor, histogram
)
:rows
