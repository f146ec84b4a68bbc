-- What was answered to a request with an Idempotency-Key, so that its repetition is answered the same and done once.
-- A tenant table: the organisation acted in first; the zero id where an operator named none.

create table platform.idempotency_keys (
    org_id uuid not null,
    realm text not null check (realm in ('organisation', 'operator')),
    key text collate "C" not null,
    fingerprint bytea not null check (octet_length(fingerprint) = 32),
    lease_version bigint not null default 1,
    -- Until when whoever does the request must have said that it still does; null once it is answered.
    lease_expires_at timestamptz,
    status integer,
    headers jsonb,
    -- Null while there is no answer, and where it was too long to keep.
    body bytea,
    created_at timestamptz not null,
    primary key (org_id, realm, key),
    constraint is_in_progress_or_answered check ((lease_expires_at is null) = (status is not null))
);

create index idempotency_keys_by_age on platform.idempotency_keys (created_at);

grant select, insert, update, delete on platform.idempotency_keys to quoin_app;
