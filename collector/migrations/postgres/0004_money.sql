-- What money is asked about. The rows say what `server_event` says, field by field, and can be made of
-- it again by the statements at the end; except payments of forgotten sites, of which nothing else is left.

-- Money that came in, or went back.
create table payment (
    -- The host; empty if the site was forgotten.
    site text collate "C" not null,
    -- The event's idempotency key.
    id text collate "C" not null,
    at_ms bigint not null,
    -- 'revenue' or 'refund'.
    way text collate "C" not null,
    -- At least 1, also of refunds.
    amount_minor bigint not null,
    currency text collate "C" not null,
    -- What for.
    purpose text collate "C" not null,
    owner text collate "C" not null,
    primary key (site, id)
);

create index payment_time on payment (at_ms);

create index payment_owner on payment (site, owner, currency, at_ms);

-- New states of commissions, which are about no site.
create table commission (
    partner text collate "C" not null,
    -- The event's idempotency key.
    id text collate "C" not null,
    at_ms bigint not null,
    -- As on the wire.
    state text collate "C" not null,
    share text collate "C" not null,
    amount_minor bigint not null,
    currency text collate "C" not null,
    primary key (partner, id)
);

create index commission_time on commission (at_ms);

create index commission_partner on commission (partner, at_ms);

-- What was told before.
insert into payment (site, id, at_ms, way, amount_minor, currency, purpose, owner)
select site, id, at_ms, kind, (content::json ->> 'amount_minor')::bigint, content::json ->> 'currency',
    content::json ->> 'kind', content::json ->> 'owner'
from server_event
where kind in ('revenue', 'refund');

insert into commission (partner, id, at_ms, state, share, amount_minor, currency)
select content::json ->> 'partner', id, at_ms, content::json ->> 'state', content::json ->> 'share',
    (content::json ->> 'amount_minor')::bigint, content::json ->> 'currency'
from server_event
where kind = 'commission';
