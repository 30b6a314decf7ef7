-- What money is asked about. The rows say what `server_event` says, field by field, and can be made of
-- it again by the statements at the end; except payments of forgotten sites, of which nothing else is left.

-- Money that came in, or went back.
create table payment (
    -- The host; empty if the site was forgotten.
    site text not null,
    -- The event's idempotency key.
    id text not null,
    at_ms integer not null,
    -- 'revenue' or 'refund'.
    way text not null,
    -- At least 1, also of refunds.
    amount_minor integer not null,
    currency text not null,
    -- What for.
    purpose text not null,
    owner text not null,
    primary key (site, id)
) strict, without rowid;

create index payment_time on payment (at_ms);

create index payment_owner on payment (site, owner, currency, at_ms);

-- New states of commissions, which are about no site.
create table commission (
    partner text not null,
    -- The event's idempotency key.
    id text not null,
    at_ms integer not null,
    -- As on the wire.
    state text not null,
    share text not null,
    amount_minor integer not null,
    currency text not null,
    primary key (partner, id)
) strict, without rowid;

create index commission_time on commission (at_ms);

create index commission_partner on commission (partner, at_ms);

-- What was told before.
insert into payment (site, id, at_ms, way, amount_minor, currency, purpose, owner)
select site, id, at_ms, kind, json_extract(content, '$.amount_minor'), json_extract(content, '$.currency'),
    json_extract(content, '$.kind'), json_extract(content, '$.owner')
from server_event
where kind in ('revenue', 'refund');

insert into commission (partner, id, at_ms, state, share, amount_minor, currency)
select json_extract(content, '$.partner'), id, at_ms, json_extract(content, '$.state'), json_extract(content, '$.share'),
    json_extract(content, '$.amount_minor'), json_extract(content, '$.currency')
from server_event
where kind = 'commission';
