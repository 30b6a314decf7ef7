with told (site, id, visits) as (
    select site, id, count from share_visit where :visited
    union all
    select site, id, 0 from share where :shared
),
link (site, id, visits) as (
    select site, id, cast(sum(visits) as bigint) from told group by site, id
)
select
    link.site, link.id, coalesce(share.channel, 'unknown'),
    share.page, share.parent, share.shared_ms, link.visits
from link
left join share on share.site = link.site and share.id = link.id
where :page
order by link.visits desc, coalesce(share.shared_ms, 0) desc, link.site, link.id
limit :limit
