-- People, the operator's among them, and how they come in: single-use sign-in links and revocable sessions. All small;
-- people and links belong to no organisation, so a link is found by its own hash, without the directory.

create table accounts.users (
    user_id uuid primary key,
    email text not null,
    email_folded text not null unique,
    created_at timestamptz not null
);

create table accounts.operators (
    user_id uuid primary key references accounts.users,
    roles text[] not null check (cardinality(roles) > 0),
    created_by text not null,
    created_at timestamptz not null
);

create table accounts.sign_in_links (
    link_id uuid primary key,
    user_id uuid not null references accounts.users,
    secret_hash bytea not null unique check (octet_length(secret_hash) = 32),
    created_by text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > created_at),
    used_at timestamptz
);

create table accounts.sessions (
    session_id uuid primary key,
    user_id uuid not null references accounts.users,
    started_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > started_at),
    ended_at timestamptz
);

grant select, insert, update (email_folded) on accounts.users to quoin_app;
grant select, insert, update on accounts.operators to quoin_app;
grant select, insert, update (used_at) on accounts.sign_in_links to quoin_app;
grant select, insert, update (ended_at) on accounts.sessions to quoin_app;
