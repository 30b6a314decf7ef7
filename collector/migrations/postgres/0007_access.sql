-- Who may read and change what: people, their sessions, tokens of programs, and what was changed by whom.
-- Secrets are not here, only what they can be checked by: a password as Argon2id keeps it, of all others
-- the SHA-256, in hexadecimal digits, of at least 128 random bits.

create table person (
    name text collate "C" not null primary key,
    -- 'viewer', 'analyst' or 'admin'.
    role text collate "C" not null,
    -- In PHC's format, with its parameters and salt.
    password text collate "C" not null,
    created_ms bigint not null,
    seen_ms bigint
);

-- Of one-time links, with which the first person is made.
create table setup_secret (
    hash text collate "C" not null primary key,
    made_ms bigint not null
);

create table session (
    hash text collate "C" not null primary key,
    person text collate "C" not null,
    began_ms bigint not null,
    used_ms bigint not null
);

create index session_person on session (person);

create table api_token (
    id text collate "C" not null primary key,
    hash text collate "C" not null unique,
    name text collate "C" not null,
    -- 'read', or 'admin', which includes it.
    scope text collate "C" not null,
    created_ms bigint not null,
    used_ms bigint,
    expires_ms bigint
);

-- Only added to.
create table audit (
    id bigint generated always as identity primary key,
    at_ms bigint not null,
    who text collate "C" not null,
    -- A word of the API, such as 'user_added'.
    action text collate "C" not null,
    -- What it was done to.
    what text collate "C" not null
);
