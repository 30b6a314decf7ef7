select template, build, first_ms, cast(1 as bigint) as sites
from site_build
where site = $3 and first_ms >= $1 and first_ms < $2
order by first_ms, template, build
