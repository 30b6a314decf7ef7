with visited (site, id, visits) as (
    select site, id, sum(count) from share_visit where :visited group by site, id
)
select coalesce(share.channel, 'unknown') as told, cast(sum(visited.visits) as bigint)
from visited
left join share on share.site = visited.site and share.id = visited.id
where :page
group by told
order by 2 desc, told
