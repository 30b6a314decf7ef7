-- What changed: findings of the detector (detect/). A cohort is the words that are given; the others are
-- null. Of the fleet, not of one site: a finding names sites only if it is about one.

create table change (
    id text collate "C" not null primary key,
    metric text collate "C" not null,
    -- Of each metric that moved, by what factor: LCP=1.3100 FCP=1.2200.
    ratios text collate "C" not null,
    direction text collate "C" not null,
    template text collate "C",
    build text collate "C",
    device text collate "C",
    country text collate "C",
    browser text collate "C",
    site text collate "C",
    page text collate "C",
    script text collate "C",
    -- The 75th percentile before and since, and the 95% interval of their difference, in ten-thousandths
    -- of the metric's unit.
    from_parts bigint not null,
    to_parts bigint not null,
    low_parts bigint not null,
    high_parts bigint not null,
    since_ms bigint not null,
    found_ms bigint not null,
    seen_ms bigint not null,
    -- 9223372036854775807: it is still open.
    until_ms bigint not null,
    sites bigint not null,
    views bigint not null
);

create index change_until on change (until_ms);

-- When some collector last did what one of them is to do for all.
create table look (
    what text collate "C" not null primary key,
    at_ms bigint not null
);
