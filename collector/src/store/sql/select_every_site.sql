-- Every site, and the fleet.
select host from site union all select '' order by 1
