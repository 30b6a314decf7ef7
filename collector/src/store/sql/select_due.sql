-- The sites, and the fleet, whole and by site, that have rows of level $1 which began before $2.
with every (site) as (select host from site union all select '' union all select '*')
select site
from every
where exists (
    select 1
    from sums
    where sums.site = every.site
        and level = $1 and lane in (:lanes) and start_ms < $2
)
order by site
