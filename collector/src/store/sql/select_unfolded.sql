-- The sites and periods (of $3 ms) that have visits finer than level $2 which began before $1. Twice
-- the remainder: it is negative before 1970.
select distinct site, hour_ms - ((hour_ms % $3) + $3) % $3 as start_ms
from share_visit
where site in (select host from site) and level in (0, 1) and level < $2 and hour_ms < $1
order by start_ms, site
