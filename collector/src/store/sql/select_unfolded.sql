select site, hour_ms from vital where :any_vital and level = 0 and hour_ms < $1
union
select site, hour_ms from activity where :any_activity and level = 0 and hour_ms < $1
union
select site, hour_ms from cause where :any_cause and level = 0 and hour_ms < $1
union
select site, hour_ms from share_visit where :any_share_visit and level = 0 and hour_ms < $1
order by hour_ms, site
