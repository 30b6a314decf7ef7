-- Which builds of the generator a site's page views had, and since when: deploys.
create table site_build (
    site text not null,
    -- Empty if page views did not tell it.
    template text not null,
    build text not null,
    -- When its first page view was received.
    first_ms integer not null,
    primary key (site, template, build)
) strict, without rowid;

-- Builds of before are as old as anything that is known of their site: nobody is told of a deploy today.
insert into site_build (site, template, build, first_ms)
select host, coalesce(template, ''), build, added_ms
from site
where build is not null;

-- From here on the fleet has sums by site too: rows of the site '*'. Level 50 of `kept` says since when they
-- have every site; without it: since ever. What was folded before is not in them: so it is the Monday at
-- least four days after everything that is there.
insert into kept (level, since_ms)
select 50, (max(start_ms) / 604800000 + 2) * 604800000 - 259200000
from sums
having count(*) > 0;
