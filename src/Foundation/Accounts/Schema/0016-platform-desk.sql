-- What the operator's people do for everybody: act in somebody's stead for an hour, shut people out, switch features on
-- and off for one organisation or for all (the nil uuid), and announce maintenance. And what new customers get once: a
-- trial, for a mailbox, a person and an organisation; of the mailbox only a peppered hash is kept.

grant update (impersonated_user_id, impersonated_org_id, impersonation_reason, impersonation_expires_at)
    on accounts.sessions to quoin_app;

create table accounts.flags (
    org_id uuid not null,
    name text not null check (name ~ '^[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)*$'),
    value jsonb not null,
    set_by text not null,
    set_at timestamptz not null,
    primary key (org_id, name)
);

grant select, insert, update, delete on accounts.flags to quoin_app;

create table accounts.banners (
    banner_id uuid primary key,
    text text not null check (length(text) between 1 and 500),
    starts_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > starts_at),
    created_by text not null,
    created_at timestamptz not null,
    ended_at timestamptz
);

create index banners_by_end on accounts.banners (ends_at) where ended_at is null;

grant select, insert, update (ended_at) on accounts.banners to quoin_app;

create table accounts.trial_claims (
    org_id uuid primary key references accounts.organisations,
    user_id uuid not null unique references accounts.users,
    mailbox_hash bytea not null unique check (octet_length(mailbox_hash) = 32),
    credit_micros bigint not null check (credit_micros > 0),
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    claimed_at timestamptz not null
);

grant select, insert on accounts.trial_claims to quoin_app;
