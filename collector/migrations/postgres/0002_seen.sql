-- What was merged already, whichever collector it came through.

-- Batches of the last days: a repeat that reached another collector is not counted again.
create table merged_batch (
    site text collate "C" not null,
    id text collate "C" not null,
    -- When it was merged; old rows are deleted by it. Rows are appended in its order, so an index of
    -- block ranges is enough, and costs next to nothing to keep.
    merged_ms bigint not null,
    primary key (site, id)
);

create index merged_batch_time on merged_batch using brin (merged_ms);

-- What the platform's servers told, as they told it. Rows are only added.
create table server_event (
    -- The host; empty for what is about the whole platform.
    site text collate "C" not null,
    -- The idempotency key.
    id text collate "C" not null,
    kind text collate "C" not null,
    at_ms bigint not null,
    received_ms bigint not null,
    -- The first 16 bytes of the SHA-256 of the content: a repeat has the same.
    digest bytea not null,
    -- The kind's own fields as JSON; the format is that of shared/schema/events.v1.json.
    content text not null,
    primary key (site, id)
);

create index server_event_time on server_event (site, kind, at_ms);
