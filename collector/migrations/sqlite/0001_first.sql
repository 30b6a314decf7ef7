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
-- `without rowid` keeps rows in the order of their key: a site's hours lie together on disk.

create table site (
    host text not null primary key,
    template text,
    build text,
    added_ms integer not null,
    -- The time of the page view that template and build were last taken from, to about an hour.
    seen_ms integer not null
) strict, without rowid;

-- Sites that were erased: their tokens are refused, and what still waits in a spool is not merged.
create table forgotten_site (
    host text not null primary key,
    forgotten_ms integer not null
) strict, without rowid;

-- Not of one site: a token is looked up by its id alone.
create table revoked_token (
    token_id text not null primary key,
    revoked_ms integer not null
) strict, without rowid;

-- Not of one site: up to which record each collector's spool has been merged.
create table spool_position (
    spool text not null primary key,
    position integer not null
) strict, without rowid;

create table vital (
    site text not null,
    level integer not null,
    hour_ms integer not null,
    cell blob not null,
    spool text not null,
    position integer not null,
    metric integer not null,
    page text not null,
    device text not null,
    country text not null,
    browser text not null,
    navigation text not null,
    count integer not null,
    -- The sum of the values in ten-thousandths of the metric's unit.
    sum integer not null,
    good integer not null,
    needs_improvement integer not null,
    poor integer not null,
    -- Counts per bin; the format is described in histogram.rs.
    histogram blob not null,
    primary key (site, level, hour_ms, cell, spool, position)
) strict, without rowid;

create table activity (
    site text not null,
    level integer not null,
    hour_ms integer not null,
    cell blob not null,
    spool text not null,
    position integer not null,
    kind integer not null,
    page text not null,
    device text not null,
    country text not null,
    browser text not null,
    navigation text not null,
    name text not null,
    count integer not null,
    primary key (site, level, hour_ms, cell, spool, position)
) strict, without rowid;

create table cause (
    site text not null,
    level integer not null,
    hour_ms integer not null,
    cell blob not null,
    spool text not null,
    position integer not null,
    metric integer not null,
    page text not null,
    device text not null,
    element text not null,
    count integer not null,
    sum integer not null,
    good integer not null,
    needs_improvement integer not null,
    poor integer not null,
    histogram blob not null,
    primary key (site, level, hour_ms, cell, spool, position)
) strict, without rowid;

create table share (
    site text not null,
    id text not null,
    -- The id of the share that had brought the sharing visitor.
    parent text,
    channel text not null,
    page text not null,
    shared_ms integer not null,
    primary key (site, id)
) strict, without rowid;

create index share_shared on share (shared_ms);

-- Visits through shared links, reported or not.
create table share_visit (
    site text not null,
    level integer not null,
    hour_ms integer not null,
    cell blob not null,
    spool text not null,
    position integer not null,
    id text not null,
    count integer not null,
    primary key (site, level, hour_ms, cell, spool, position)
) strict, without rowid;
