-- What growth is asked about. The rows say what `server_event` says, field by field, and can be made of
-- it again: by the statements at the end.

-- Generations of sites: whose a site is, and which share had brought the owner.
create table generation (
    site text not null,
    -- The event's idempotency key.
    id text not null,
    at_ms integer not null,
    owner text not null,
    template text,
    build text,
    referred_by text,
    primary key (site, id)
) strict, without rowid;

-- Goals that were reached through a share.
create table referred_goal (
    site text not null,
    id text not null,
    at_ms integer not null,
    name text not null,
    share text not null,
    primary key (site, id)
) strict, without rowid;

-- Leads that servers confirmed.
create table confirmed_lead (
    site text not null,
    id text not null,
    at_ms integer not null,
    lead text not null,
    score integer not null,
    source text not null,
    primary key (site, id)
) strict, without rowid;

create index confirmed_lead_time on confirmed_lead (at_ms);

-- The country of whoever shared; not known of the shares of before.
alter table share add column country text;

-- Servers name a share by its id alone.
create index share_id on share (id);

-- What was told before.
insert into generation (site, id, at_ms, owner, template, build, referred_by)
select site, id, at_ms, json_extract(content, '$.owner'), json_extract(content, '$.template'), json_extract(content, '$.build'),
    json_extract(content, '$.referred_by')
from server_event
where kind = 'site_generated';

insert into referred_goal (site, id, at_ms, name, share)
select site, id, at_ms, json_extract(content, '$.name'), json_extract(content, '$.share')
from server_event
where kind = 'conversion' and json_extract(content, '$.share') is not null;

insert into confirmed_lead (site, id, at_ms, lead, score, source)
select site, id, at_ms, json_extract(content, '$.lead'), json_extract(content, '$.score'), json_extract(content, '$.source')
from server_event
where kind = 'lead';
