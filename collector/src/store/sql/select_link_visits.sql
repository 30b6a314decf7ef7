select site, id, cast(sum(count) as bigint) from share_visit where :visited group by site, id
