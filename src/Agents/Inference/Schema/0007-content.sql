-- What becomes of what customers ask and are answered. Nothing of it is kept unless an organisation says so, and then
-- encrypted and for so many days. Answers that may be given again are kept the same way.

create table inference.content_policies (
    org_id uuid not null,
    -- The nil key's row is the organisation's; that of a key holds besides it, for all keys that replaced it too.
    key_id uuid not null,
    days_kept integer check (days_kept > 0),
    cached_seconds integer check (cached_seconds > 0),
    guard jsonb not null,
    changed_at timestamptz not null,
    primary key (org_id, key_id)
);

create table inference.contents (
    org_id uuid not null,
    request_id uuid not null,
    request bytea not null,
    answer bytea not null,
    -- Where the whole was longer than what is kept of one.
    is_cut boolean not null,
    recorded_at timestamptz not null,
    kept_until timestamptz not null,
    primary key (org_id, request_id)
);

create index contents_by_end on inference.contents (kept_until);

create table inference.cached_answers (
    org_id uuid not null,
    -- SHA-256 of what was asked, with the protocol and the model.
    fingerprint bytea not null check (length(fingerprint) = 32),
    request_id uuid not null,
    body bytea not null,
    recorded_at timestamptz not null,
    kept_until timestamptz not null,
    primary key (org_id, fingerprint)
);

create index cached_answers_by_end on inference.cached_answers (kept_until);

-- Calls that were answered from the cache, and what they would have cost.
create table inference.savings (
    org_id uuid not null,
    request_id uuid not null,
    answered_as uuid not null,
    model text not null,
    currency text check (currency ~ '^[A-Z]{3,5}$'),
    saved_micros numeric not null check (saved_micros >= 0),
    occurred_at timestamptz not null,
    primary key (org_id, request_id)
);

create index savings_by_time on inference.savings (org_id, occurred_at);

grant select, insert, update, delete on inference.content_policies to quoin_app;
grant select, insert, delete on inference.contents to quoin_app;
grant select, insert, update, delete on inference.cached_answers to quoin_app;
grant select, insert on inference.savings to quoin_app;
