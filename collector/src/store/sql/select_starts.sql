-- Which periods of which levels a site has.
select distinct level, start_ms from sums where site = $1 order by level, start_ms
