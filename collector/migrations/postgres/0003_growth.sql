-- What growth is asked about. The rows say what `server_event` says, field by field, and can be made of
-- it again: by the statements at the end.

-- Generations of sites: whose a site is, and which share had brought the owner.
create table generation (
    site text collate "C" not null,
    -- The event's idempotency key.
    id text collate "C" not null,
    at_ms bigint not null,
    owner text collate "C" not null,
    template text collate "C",
    build text collate "C",
    referred_by text collate "C",
    primary key (site, id)
);

-- Goals that were reached through a share.
create table referred_goal (
    site text collate "C" not null,
    id text collate "C" not null,
    at_ms bigint not null,
    name text collate "C" not null,
    share text collate "C" not null,
    primary key (site, id)
);

-- Leads that servers confirmed.
create table confirmed_lead (
    site text collate "C" not null,
    id text collate "C" not null,
    at_ms bigint not null,
    lead text collate "C" not null,
    score bigint not null,
    source text collate "C" not null,
    primary key (site, id)
);

create index confirmed_lead_time on confirmed_lead (at_ms);

-- The country of whoever shared; not known of the shares of before.
alter table share add column country text collate "C";

-- Servers name a share by its id alone.
create index share_id on share (id);

-- What was told before.
insert into generation (site, id, at_ms, owner, template, build, referred_by)
select site, id, at_ms, content::json ->> 'owner', content::json ->> 'template', content::json ->> 'build',
    content::json ->> 'referred_by'
from server_event
where kind = 'site_generated';

insert into referred_goal (site, id, at_ms, name, share)
select site, id, at_ms, content::json ->> 'name', content::json ->> 'share'
from server_event
where kind = 'conversion' and content::json ->> 'share' is not null;

insert into confirmed_lead (site, id, at_ms, lead, score, source)
select site, id, at_ms, content::json ->> 'lead', (content::json ->> 'score')::bigint, content::json ->> 'source'
from server_event
where kind = 'lead';
