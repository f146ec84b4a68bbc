-- Somebody wants to sign up and has not yet shown that the address is theirs. Nobody is known by it: a person begins only
-- when the mailed link and the password chosen here come together, so nobody can prepare an account for somebody else's
-- address and wait for its owner to confirm it.

create table accounts.sign_ups (
    sign_up_id uuid primary key,
    secret_hash bytea not null unique check (octet_length(secret_hash) = 32),
    name text not null check (length(name) between 1 and 200),
    email text not null,
    password_hash text not null,
    return_to text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > created_at),
    used_at timestamptz
);

create index sign_ups_by_age on accounts.sign_ups (expires_at);

grant select, insert, update (used_at), delete on accounts.sign_ups to quoin_app;
