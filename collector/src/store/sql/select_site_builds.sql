select site, template, build, first_ms
from site_build
where first_ms < $1
order by first_ms, site, template, build
