-- The journal of calls: what each used and what it cost, written in the transaction that settles it. A call whose host
-- died, or that nothing prices, waits here for a person. What a call used is told to Metering from a queue written with
-- it, by any replica, once.

create table inference.requests (
    org_id uuid not null,
    request_id uuid not null,
    billing_account_id uuid not null,
    actor text not null,
    project_id uuid,
    session text,
    end_user text,
    tags jsonb not null,
    protocol text not null,
    model text not null,
    is_stream boolean not null,
    status text not null
        check (status in ('succeeded', 'client_gone', 'provider_failed', 'broken_off', 'lost', 'waived')),
    review text check (review in ('lost', 'no_price', 'not_recorded')),
    provider text,
    provider_model text,
    input_tokens bigint not null,
    cached_read_tokens bigint not null,
    cached_write_tokens bigint not null,
    cached_write_hour_tokens bigint not null,
    output_tokens bigint not null,
    reasoning_tokens bigint not null,
    audio_input_tokens bigint not null,
    audio_cached_read_tokens bigint not null,
    audio_output_tokens bigint not null,
    provider_requests bigint not null,
    is_estimated boolean not null,
    currency text check (currency ~ '^[A-Z]{3,5}$'),
    reserved_micros bigint not null check (reserved_micros >= 0),
    quoted_micros numeric check (quoted_micros >= 0),
    provider_micros numeric check (provider_micros >= 0),
    over_micros numeric not null check (over_micros >= 0),
    parts jsonb not null,
    unpriced jsonb not null,
    hold text,
    started_at timestamptz not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    first_byte_micros bigint,
    total_micros bigint not null,
    attempts integer not null,
    provider_status integer,
    provider_request_id text,
    reviewed_by text,
    reviewed_at timestamptz,
    primary key (org_id, request_id)
) with (fillfactor = 90);

create index requests_by_time on inference.requests (org_id, occurred_at, request_id);

create index requests_in_review on inference.requests (request_id) where review is not null;

-- What is to be told, whole, so that telling depends on nothing that may have changed since.
create table inference.untold (
    org_id uuid not null,
    request_id uuid not null,
    shard smallint not null,
    billing_account_id uuid not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    hold text,
    data text not null,
    primary key (org_id, request_id)
) with (
    -- A queue: rows live for milliseconds, so vacuum must not wait for a share of a tiny table.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);

create index untold_by_shard on inference.untold (shard, recorded_at, request_id);

-- What becomes of calls of models that nothing prices. The row of the nil organisation counts where an organisation has
-- none of its own, the row without a model where a model has none.
create table inference.unpriced_models (
    org_id uuid not null,
    model text collate "C" not null,
    policy text not null check (policy in ('refuse', 'zero')),
    changed_at timestamptz not null,
    primary key (org_id, model)
);

grant select, insert, update on inference.requests to quoin_app;
-- Claiming rows with "for update" needs the right to update them.
grant select, insert, update, delete on inference.untold to quoin_app;
grant select, insert, update, delete on inference.unpriced_models to quoin_app;
