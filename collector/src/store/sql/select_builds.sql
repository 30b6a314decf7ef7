select template, build, min(first_ms) as first_ms, count(*) as sites
from site_build
group by template, build
having min(first_ms) >= $1 and min(first_ms) < $2
order by min(first_ms), template, build
