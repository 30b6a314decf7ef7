-- Sums of page views, and what is known of sites, shares, tokens and spools.
--
-- The four tables of sums (vital, activity, cause, share_visit) are alike. Rows are only added and
-- replaced by their sum, never changed, and an answer is the sum of whatever rows are there:
--   site      the host; it begins every key, so that tables can be divided by site
--   level     0: a delta that a merge appended; 1: the sum of a finished hour; 2: of a day
--   hour_ms   the start of the hour, or at level 2 of the day; ms since 1970-01-01 UTC
--   cell      the first 16 bytes of the SHA-256 of the texts and numbers that describe the row. It
--             stands for them in the key, because they can be longer than an index entry may be
--   spool, position   the merge that appended the row; '' and 0 at levels 1 and 2
-- Numbers of metrics and kinds are those of the source (metric.rs, event.rs) and never change;
-- everything else that describes a page view is a word as in the API.
--
-- Texts are compared byte by byte (collate "C"), as SQLite does: it is faster, and no upgrade of the
-- system's locales can damage an index.

create table site (
    host text collate "C" not null primary key,
    template text collate "C",
    build text collate "C",
    added_ms bigint not null,
    -- The time of the page view that template and build were last taken from, to about an hour.
    seen_ms bigint not null
);

-- Sites that were erased: their tokens are refused, and what still waits in a spool is not merged.
create table forgotten_site (
    host text collate "C" not null primary key,
    forgotten_ms bigint not null
);

-- Not of one site: a token is looked up by its id alone.
create table revoked_token (
    token_id text collate "C" not null primary key,
    revoked_ms bigint not null
);

-- Not of one site: up to which record each collector's spool has been merged.
create table spool_position (
    spool text collate "C" not null primary key,
    position bigint not null
);

create table vital (
    site text collate "C" not null,
    level smallint not null,
    hour_ms bigint not null,
    cell bytea not null,
    spool text collate "C" not null,
    position bigint not null,
    metric smallint not null,
    page text collate "C" not null,
    device text collate "C" not null,
    country text collate "C" not null,
    browser text collate "C" not null,
    navigation text collate "C" not null,
    count bigint not null,
    -- The sum of the values in ten-thousandths of the metric's unit.
    sum bigint not null,
    good bigint not null,
    needs_improvement bigint not null,
    poor bigint not null,
    -- Counts per bin; the format is described in histogram.rs.
    histogram bytea not null,
    primary key (site, level, hour_ms, cell, spool, position)
);

-- Questions about all sites go by the hour; folding looks for old rows of fine levels.
create index vital_hour on vital (level, hour_ms, metric);

create table activity (
    site text collate "C" not null,
    level smallint not null,
    hour_ms bigint not null,
    cell bytea not null,
    spool text collate "C" not null,
    position bigint not null,
    kind smallint not null,
    page text collate "C" not null,
    device text collate "C" not null,
    country text collate "C" not null,
    browser text collate "C" not null,
    navigation text collate "C" not null,
    name text collate "C" not null,
    count bigint not null,
    primary key (site, level, hour_ms, cell, spool, position)
);

create index activity_hour on activity (level, hour_ms, kind);

create table cause (
    site text collate "C" not null,
    level smallint not null,
    hour_ms bigint not null,
    cell bytea not null,
    spool text collate "C" not null,
    position bigint not null,
    metric smallint not null,
    page text collate "C" not null,
    device text collate "C" not null,
    element text collate "C" not null,
    count bigint not null,
    sum bigint not null,
    good bigint not null,
    needs_improvement bigint not null,
    poor bigint not null,
    histogram bytea not null,
    primary key (site, level, hour_ms, cell, spool, position)
);

create index cause_hour on cause (level, hour_ms, metric);

create table share (
    site text collate "C" not null,
    id text collate "C" not null,
    -- The id of the share that had brought the sharing visitor.
    parent text collate "C",
    channel text collate "C" not null,
    page text collate "C" not null,
    shared_ms bigint not null,
    primary key (site, id)
);

create index share_shared on share (shared_ms);

-- Visits through shared links, reported or not.
create table share_visit (
    site text collate "C" not null,
    level smallint not null,
    hour_ms bigint not null,
    cell bytea not null,
    spool text collate "C" not null,
    position bigint not null,
    id text collate "C" not null,
    count bigint not null,
    primary key (site, level, hour_ms, cell, spool, position)
);

create index share_visit_hour on share_visit (level, hour_ms);
