-- Shares of a range, those that owners may be owed to, whenever they were told, and the shares that
-- led to these.
with recursive wanted (site, id, parent, channel, country, shared_ms) as (
    select site, id, parent, channel, country, shared_ms
    from share
    where shared_ms >= $1 and shared_ms < $2
    union
    select site, id, parent, channel, country, shared_ms
    from share
    where id in (
        select referred_by from generation where referred_by is not null
        union
        select share from referred_goal
    )
),
line (site, id, parent, channel, country, shared_ms) as (
    select site, id, parent, channel, country, shared_ms from wanted
    union
    select
        share.site, share.id, share.parent, share.channel, share.country, share.shared_ms
    from line
    inner join share on share.id = line.parent
)
select site, id, parent, channel, country, shared_ms from line
