-- A condition that every row fulfils. It steps from site to site through the key, so that the key's
-- hours are used for a question about all sites too, without an index by hour.
site in (
    with recursive every (site) as (
        select min(site) from :table
        union all
        select (select min(later.site) from :table as later where later.site > every.site)
        from every
        where every.site is not null
    )
    select site from every where site is not null
)
