-- Every site, and the fleet, whole and by site.
select host from site union all select '' union all select '*' order by 1
