-- What was merged already, whichever collector it came through.

-- Batches of the last days: a repeat that reached another collector is not counted again.
create table merged_batch (
    site text not null,
    id text not null,
    -- When it was merged; old rows are deleted by it.
    merged_ms integer not null,
    primary key (site, id)
) strict, without rowid;

create index merged_batch_time on merged_batch (merged_ms);

-- What the platform's servers told, as they told it. Rows are only added.
create table server_event (
    -- The host; empty for what is about the whole platform.
    site text not null,
    -- The idempotency key.
    id text not null,
    kind text not null,
    at_ms integer not null,
    received_ms integer not null,
    -- The first 16 bytes of the SHA-256 of the content: a repeat has the same.
    digest blob not null,
    -- The kind's own fields as JSON; the format is that of shared/schema/events.v1.json.
    content text not null,
    primary key (site, id)
) strict, without rowid;

create index server_event_time on server_event (site, kind, at_ms);
