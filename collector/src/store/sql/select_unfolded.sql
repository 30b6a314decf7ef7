-- The sites and periods (of $3 ms) that have rows finer than level $2 which began before $1.
with fine (site, hour_ms) as (
    select site, hour_ms from vital where :any_vital and level in (0, 1) and level < $2 and hour_ms < $1
    union
    select site, hour_ms from activity where :any_activity and level in (0, 1) and level < $2 and hour_ms < $1
    union
    select site, hour_ms from cause where :any_cause and level in (0, 1) and level < $2 and hour_ms < $1
    union
    select site, hour_ms from share_visit where :any_share_visit and level in (0, 1) and level < $2 and hour_ms < $1
)
-- Twice the remainder: it is negative before 1970.
select distinct site, hour_ms - ((hour_ms % $3) + $3) % $3 as start_ms
from fine
order by start_ms, site
