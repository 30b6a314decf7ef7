select site, at_ms, score, source
from confirmed_lead
where at_ms >= $1 and at_ms < $2
order by at_ms, site, id
