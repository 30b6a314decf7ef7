-- The sites and hours (or folded days) of a table of sums that began before $1. In this order from
-- every collector: two that delete at once never wait for each other in a circle.
select distinct site, hour_ms
from :table
where :site
    and level in (0, 1, 2) and hour_ms < $1
order by hour_ms, site
