-- People of organisations beside the operator's: a name, an address that is theirs once a mailed link proved it (or none:
-- who signs in with a wallet or elsewhere need not have one), a password, a second factor. Sessions learn how they came
-- to be, from where, and slide. What a person may fail at is counted here, so that all replicas count as one.

alter table accounts.users
    alter column email drop not null,
    alter column email_folded drop not null,
    add column name text check (length(name) between 1 and 200),
    add column email_verified_at timestamptz,
    add column password_hash text,
    add column password_changed_at timestamptz,
    add column totp_secret bytea,
    add column totp_confirmed_at timestamptz,
    add column totp_last_step bigint,
    add column state text not null default 'active' check (state in ('active', 'suspended', 'deleting')),
    add constraint an_address_and_its_folded_form check ((email is null) = (email_folded is null)),
    add constraint only_an_address_is_verified check (email_verified_at is null or email is not null),
    add constraint a_password_has_a_date check ((password_hash is null) = (password_changed_at is null)),
    add constraint only_a_secret_is_confirmed check (totp_confirmed_at is null or totp_secret is not null);

-- Sessions from before this were all started by links. expires_at moves with use, up to a bound counted from started_at.
-- The impersonated_ columns are of sessions in which an operator acts as somebody else.
alter table accounts.sessions
    add column method text not null default 'link'
        check (method in ('link', 'password', 'passkey', 'oidc', 'wallet', 'device')),
    add column second_factor_at timestamptz,
    add column last_seen_at timestamptz,
    add column ip text check (length(ip) <= 64),
    add column user_agent text check (length(user_agent) <= 400),
    add column impersonated_user_id uuid references accounts.users,
    add column impersonated_org_id uuid,
    add column impersonation_reason text check (length(impersonation_reason) between 1 and 1000),
    add column impersonation_expires_at timestamptz,
    add constraint impersonation_has_its_bounds check (
        (impersonated_user_id is null) = (impersonation_reason is null)
        and (impersonated_user_id is null) = (impersonation_expires_at is null));

create index sessions_of_user on accounts.sessions (user_id) where ended_at is null;

-- Somebody proved who they are and still owes a second factor: not a session, so nothing can take it for one.
create table accounts.second_factor_tickets (
    ticket_id uuid primary key,
    user_id uuid not null references accounts.users,
    method text not null check (method in ('link', 'password', 'oidc', 'wallet')),
    created_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > created_at),
    used_at timestamptz
);

create index second_factor_tickets_by_age on accounts.second_factor_tickets (expires_at);

-- Links in mails: they prove an address, let somebody set a new password, or move a person to a new address. Only the
-- peppered hash is kept. email is the address the mail went to: the person's own, or the new one.
create table accounts.email_tokens (
    token_id uuid primary key,
    user_id uuid not null references accounts.users,
    purpose text not null check (purpose in ('verify', 'reset', 'change')),
    secret_hash bytea not null unique check (octet_length(secret_hash) = 32),
    email text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > created_at),
    used_at timestamptz
);

create index email_tokens_of_user on accounts.email_tokens (user_id, purpose) where used_at is null;

create index email_tokens_by_age on accounts.email_tokens (expires_at);

-- Codes that stand in for a lost second factor, each once.
create table accounts.recovery_codes (
    user_id uuid not null references accounts.users,
    code_hash bytea not null check (octet_length(code_hash) = 32),
    created_at timestamptz not null,
    used_at timestamptz,
    primary key (user_id, code_hash)
);

-- How often something was tried in vain in a row, and until when it must wait. The key is a peppered hash of an address or
-- of a person's id: whether anybody has that address shows nowhere.
create table accounts.sign_in_attempts (
    scope text not null,
    key_hash bytea not null check (octet_length(key_hash) = 32),
    failures integer not null check (failures >= 0),
    last_at timestamptz not null,
    waits_until timestamptz not null,
    primary key (scope, key_hash)
);

create index sign_in_attempts_by_age on accounts.sign_in_attempts (last_at);

-- Rates as one instant each (the generic cell rate algorithm): the moment at which everything used so far is paid off.
create table accounts.rates (
    scope text not null,
    key_hash bytea not null check (octet_length(key_hash) = 32),
    paid_off_at timestamptz not null,
    primary key (scope, key_hash)
);

create index rates_by_age on accounts.rates (paid_off_at);

grant update (email, name, email_verified_at, password_hash, password_changed_at, totp_secret, totp_confirmed_at,
    totp_last_step, state) on accounts.users to quoin_app;
grant update (expires_at, last_seen_at, second_factor_at, impersonation_expires_at) on accounts.sessions to quoin_app;
grant select, insert, update (used_at), delete on accounts.second_factor_tickets to quoin_app;
grant select, insert, update (used_at), delete on accounts.email_tokens to quoin_app;
grant select, insert, update (used_at), delete on accounts.recovery_codes to quoin_app;
grant select, insert, update, delete on accounts.sign_in_attempts to quoin_app;
grant select, insert, update, delete on accounts.rates to quoin_app;
