-- Only what is news: an upsert of every known build would lock its row, and collectors that merge at
-- the same time would wait for each other.
with told (site, template, build, first_ms) as (:rows)
insert into site_build (site, template, build, first_ms)
select told.site, told.template, told.build, told.first_ms
from told
left join site_build as known
    on known.site = told.site and known.template = told.template and known.build = told.build
where known.site is null or told.first_ms < known.first_ms
order by told.site, told.template, told.build
on conflict (site, template, build) do update
set first_ms = excluded.first_ms
where excluded.first_ms < site_build.first_ms
