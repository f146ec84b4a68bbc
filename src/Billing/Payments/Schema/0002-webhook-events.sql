-- News of the provider, stored as it came before the provider is answered, processed after. Belongs to no organisation
-- until somebody found out whose it is: a coordinator table. What the door decides by is in the row; the bytes are in a
-- table of their own, so that a change of state does not write them again, and so that they can be forgotten alone.

create table payments.webhook_events (
    webhook_event_id uuid primary key,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    provider_event_id text not null check (length(provider_event_id) between 1 and 191),
    event_type text not null check (length(event_type) between 1 and 191),
    provider_created_at timestamptz not null,
    provider_object_id text,
    provider_customer_id text,
    -- Of the customer or the object: one worker at a time goes through what is about the same.
    shard smallint not null,
    state text not null check (state in ('received', 'processing', 'processed', 'failed', 'dead')),
    attempts integer not null default 0,
    -- When it is to be looked at; null when it is done with.
    due_at timestamptz,
    received_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    failed_at timestamptz,
    org_id uuid,
    billing_account_id uuid,
    operation_key text,
    -- What came of it: applied, older, ignored, …
    effect text,
    error text,
    check ((due_at is null) = (state in ('processed', 'dead')))
) with (fillfactor = 80);

create unique index webhook_events_once on payments.webhook_events (provider, mode, provider_event_id);

-- In the order they fell due, all shards together: one or two replicas hold most of them.
create index webhook_events_due on payments.webhook_events (due_at, webhook_event_id, shard) where due_at is not null;

create index webhook_events_failed on payments.webhook_events (webhook_event_id) where state in ('failed', 'dead');

create index webhook_events_by_account on payments.webhook_events (org_id, billing_account_id, webhook_event_id)
    where org_id is not null;

-- Three thousand bytes of JSON: compressing them costs the server more than writing them.
create table payments.webhook_payloads (
    webhook_event_id uuid primary key,
    payload bytea not null
) with (toast_tuple_target = 8160);

grant select, insert, update on payments.webhook_events to quoin_app;
grant select, insert, delete on payments.webhook_payloads to quoin_app;
