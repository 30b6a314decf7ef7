-- What changed: findings of the detector (detect/). A cohort is the words that are given; the others are
-- null. Of the fleet, not of one site: a finding names sites only if it is about one.

create table change (
    id text not null primary key,
    metric text not null,
    -- Of each metric that moved, by what factor: LCP=1.3100 FCP=1.2200.
    ratios text not null,
    direction text not null,
    template text,
    build text,
    device text,
    country text,
    browser text,
    site text,
    page text,
    script text,
    -- The 75th percentile before and since, and the 95% interval of their difference, in ten-thousandths
    -- of the metric's unit.
    from_parts integer not null,
    to_parts integer not null,
    low_parts integer not null,
    high_parts integer not null,
    since_ms integer not null,
    found_ms integer not null,
    seen_ms integer not null,
    -- 9223372036854775807: it is still open.
    until_ms integer not null,
    sites integer not null,
    views integer not null
) strict, without rowid;

create index change_until on change (until_ms);

-- When some collector last did what one of them is to do for all.
create table look (
    what text not null primary key,
    at_ms integer not null
) strict, without rowid;
