insert into cause (
    site, level, hour_ms, cell, spool, position,
    metric, page, device, element,
    count, sum, good, needs_improvement, poor, histogram
)
:rows
