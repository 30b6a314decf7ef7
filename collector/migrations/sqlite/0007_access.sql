-- Who may read and change what: people, their sessions, tokens of programs, and what was changed by whom.
-- Secrets are not here, only what they can be checked by: a password as Argon2id keeps it, of all others
-- the SHA-256, in hexadecimal digits, of at least 128 random bits.

create table person (
    name text not null primary key,
    -- 'viewer', 'analyst' or 'admin'.
    role text not null,
    -- In PHC's format, with its parameters and salt.
    password text not null,
    created_ms integer not null,
    seen_ms integer
) strict, without rowid;

-- Of one-time links, with which the first person is made.
create table setup_secret (
    hash text not null primary key,
    made_ms integer not null
) strict, without rowid;

create table session (
    hash text not null primary key,
    person text not null,
    began_ms integer not null,
    used_ms integer not null
) strict, without rowid;

create index session_person on session (person);

create table api_token (
    id text not null primary key,
    hash text not null unique,
    name text not null,
    -- 'read', or 'admin', which includes it.
    scope text not null,
    created_ms integer not null,
    used_ms integer,
    expires_ms integer
) strict, without rowid;

-- Only added to.
create table audit (
    id integer not null primary key autoincrement,
    at_ms integer not null,
    who text not null,
    -- A word of the API, such as 'user_added'.
    action text not null,
    -- What it was done to.
    what text not null
) strict;
