-- What the operator's people do for everybody: act in somebody's stead for an hour, shut people out, switch features on
-- and off for one organisation or for all (the nil uuid), and announce maintenance.

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
