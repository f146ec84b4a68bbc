-- Ways to come in without a password: a wallet's signature, another service that vouches for somebody, a passkey. What
-- each proves is a person's own and belongs to no organisation. Half-finished proofs (nonces, states, ceremonies) work
-- once and for minutes, and are swept away afterwards.

-- An address is the same key on every chain, so it is one person's whatever the chain; chain_id is the one last signed on.
create table accounts.wallets (
    address bytea primary key check (octet_length(address) = 20),
    user_id uuid not null references accounts.users,
    chain_id bigint not null check (chain_id > 0),
    linked_at timestamptz not null,
    last_used_at timestamptz
);

create index wallets_of_user on accounts.wallets (user_id);

-- user_id is whose account the signature will add a wallet to; null for signing in.
create table accounts.siwe_nonces (
    nonce text primary key check (nonce ~ '^[A-Za-z0-9]{22,64}$'),
    user_id uuid references accounts.users,
    created_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > created_at),
    used_at timestamptz
);

create index siwe_nonces_by_age on accounts.siwe_nonces (expires_at);

-- Somebody at another service. The address is only what that service last said; nobody is found by it.
create table accounts.external_logins (
    issuer text not null check (length(issuer) between 1 and 500),
    subject text not null check (length(subject) between 1 and 255),
    login_id uuid not null unique,
    user_id uuid not null references accounts.users,
    label text check (length(label) <= 254),
    linked_at timestamptz not null,
    last_used_at timestamptz,
    primary key (issuer, subject)
);

create index external_logins_of_user on accounts.external_logins (user_id);

-- A visitor who was sent to another service and should come back in the same browser. The secrets are kept as peppered
-- hashes, the code verifier sealed. user_id is whose account will be connected; null for signing in.
create table accounts.oidc_states (
    state_hash bytea primary key check (octet_length(state_hash) = 32),
    browser_hash bytea not null check (octet_length(browser_hash) = 32),
    provider text not null,
    user_id uuid references accounts.users,
    nonce text not null,
    code_verifier bytea not null,
    return_to text not null check (length(return_to) <= 2000),
    created_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > created_at),
    used_at timestamptz
);

create index oidc_states_by_age on accounts.oidc_states (expires_at);

create table accounts.passkeys (
    credential_id bytea primary key check (octet_length(credential_id) between 1 and 1023),
    passkey_id uuid not null unique,
    user_id uuid not null references accounts.users,
    name text not null check (length(name) between 1 and 200),
    public_key bytea not null,
    sign_count bigint not null check (sign_count >= 0),
    transports text[],
    is_user_verified boolean not null,
    is_backup_eligible boolean not null,
    is_backed_up boolean not null,
    attestation_object bytea not null,
    client_data_json bytea not null,
    registered_at timestamptz not null,
    last_used_at timestamptz
);

create index passkeys_of_user on accounts.passkeys (user_id);

-- What a browser was asked to sign, with the framework's own memory of it. user_id is who registers; null for signing in.
create table accounts.passkey_ceremonies (
    ceremony_id uuid primary key,
    user_id uuid references accounts.users,
    state text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > created_at),
    used_at timestamptz
);

create index passkey_ceremonies_by_age on accounts.passkey_ceremonies (expires_at);

grant select, insert, update (chain_id, last_used_at), delete on accounts.wallets to quoin_app;
grant select, insert, update (used_at), delete on accounts.siwe_nonces to quoin_app;
grant select, insert, update (label, last_used_at), delete on accounts.external_logins to quoin_app;
grant select, insert, update (used_at), delete on accounts.oidc_states to quoin_app;
grant select, insert, update (name, sign_count, is_backed_up, last_used_at), delete on accounts.passkeys to quoin_app;
grant select, insert, update (used_at), delete on accounts.passkey_ceremonies to quoin_app;
