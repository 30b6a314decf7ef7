-- Sums of page views, and what is known of sites, shares, tokens and spools.
--
-- Sums are only added and replaced by their sum, never changed, and an answer is the sum of whatever
-- rows are there. A row has all sums of one site and period, in a block:
--   site      the host; it begins every key, so that tables can be divided by site. '' is the fleet:
--             the sum of what all sites have at the same level, without pages, elements and names
--   level     what the row sums up (levels.rs): 0 what a merge appended; 1 an hour that is not yet in
--             its day; 2 an hour that is; 3 a day that is not yet in its week; 4 a day that is; 5 a week
--   start_ms  the start of the hour, day or week; ms since 1970-01-01 UTC. Weeks begin on Mondays
--   spool, position   the merge that appended the row; '' and 0 at other levels
-- So levels 0, 1 and 2 together are everything by the hour, and 0, 1, 3 and 4, or 0, 1, 3 and 5,
-- everything by the day or week. Visits through links keep rows of their own, to be joined with shares.
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

create table sums (
    site text collate "C" not null,
    level smallint not null,
    -- What is summed (block/shape.rs); -1: all of it in one block, as at levels 0 to 2.
    lane smallint not null,
    start_ms bigint not null,
    spool text collate "C" not null,
    position bigint not null,
    -- The format is described in block/mod.rs.
    block bytea not null,
    primary key (site, level, lane, start_ms, spool, position)
);
-- A block may be larger than a page: then Postgres keeps it apart, as it is: most of it is numbers of few
-- bits, and questions would pay for unpacking them. (Not measured yet.)
alter table sums alter column block set storage external;

-- Not of one site: since when there are sums by the hour (level 2), by the day (4), and any (0). What
-- is older was added up by the day or week, or deleted. Without a row: since ever.
create table kept (
    level smallint not null primary key,
    since_ms bigint not null
);

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

-- Visits through shared links, reported or not. Here level 1 is an hour and level 2 a day; the cell is
-- the first 16 bytes of the SHA-256 of the words that describe the row, which can be longer than an
-- index entry may be.
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
