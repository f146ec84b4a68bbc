-- Facts of usage. An event is stored once, told apart for ever by (org, source, id), and folded in the same
-- transaction into quarter-hour buckets; what a fold added waits in unrated_folds until it is rated.

create table metering.meters (
    meter_id uuid primary key,
    key text not null unique,
    event_type text not null,
    value_property text not null,
    dimension_properties text[] not null,
    unit text not null,
    created_at timestamptz not null
);

-- Narrow and for ever: 16-byte hashes of (source, id) and of the body, and where the event lies.
create table metering.event_keys (
    org_id uuid not null,
    key_hash uuid not null,
    body_hash uuid not null,
    fold_id uuid not null,
    ordinal integer not null,
    primary key (org_id, key_hash)
);

-- fold_id is a UUIDv7 made at the flush, so its range is a range of recorded time: partitions by month, and the
-- primary key serves both "the events of a fold" and "newest first".
create table metering.events (
    org_id uuid not null,
    fold_id uuid not null,
    ordinal integer not null,
    billing_account_id uuid not null,
    recorded_at timestamptz not null,
    occurred_at timestamptz not null,
    source text not null,
    event_id text not null,
    type text not null,
    subject text,
    data jsonb not null,
    primary key (org_id, fold_id, ordinal)
) partition by range (fold_id);

-- Never used while months are prepared ahead; without it a forgotten month would refuse usage.
create table metering.events_beyond partition of metering.events default;

create table metering.usage_buckets (
    org_id uuid not null,
    billing_account_id uuid not null,
    meter_id uuid not null,
    dimensions text collate "C" not null,
    bucket_start timestamptz not null,
    quantity numeric not null,
    event_count bigint not null,
    primary key (org_id, billing_account_id, meter_id, dimensions, bucket_start)
) with (fillfactor = 70);

create table metering.unrated_folds (
    org_id uuid not null,
    fold_id uuid not null,
    billing_account_id uuid not null,
    meter_id uuid not null,
    dimensions text collate "C" not null,
    bucket_start timestamptz not null,
    quantity numeric not null,
    event_count bigint not null,
    recorded_at timestamptz not null,
    shard smallint not null,
    primary key (org_id, fold_id, billing_account_id, meter_id, dimensions, bucket_start)
) with (
    -- A queue: rows live for milliseconds, so vacuum must not wait for a share of a tiny table.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);

create index unrated_folds_by_shard on metering.unrated_folds (shard, fold_id);

-- The host has no right to create tables; this makes exactly one kind. The bounds come from the caller's clock.
create function metering.prepare_events_month(month text, from_id uuid, to_id uuid) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    name text := 'events_' || month;
begin
    if month !~ '^[0-9]{4}_[0-9]{2}$' then
        raise exception 'not a month: %', month using errcode = 'invalid_parameter_value';
    end if;
    -- Replicas start together; the second finds the month there.
    perform pg_advisory_xact_lock(hashtext('metering.prepare_events_month'));
    if to_regclass('metering.' || name) is not null then
        return;
    end if;
    execute format('create table metering.%I partition of metering.events for values from (%L) to (%L)', name, from_id, to_id);
    execute format('create trigger events_are_append_only before update or delete or truncate on metering.%I '
        'for each statement execute function metering.refuse_change()', name);
    execute format('grant select, insert on metering.%I to quoin_app', name);
end
$$;

create function metering.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end
$$;

create trigger event_keys_are_append_only
    before update or delete or truncate on metering.event_keys
    for each statement execute function metering.refuse_change();

create trigger events_are_append_only
    before update or delete or truncate on metering.events
    for each statement execute function metering.refuse_change();

revoke all on function metering.prepare_events_month(text, uuid, uuid) from public;
grant execute on function metering.prepare_events_month(text, uuid, uuid) to quoin_app;
grant select on metering.meters to quoin_app;
grant select, insert on metering.event_keys to quoin_app;
grant select, insert on metering.events to quoin_app;
grant select, insert on metering.events_beyond to quoin_app;
grant select, insert, update on metering.usage_buckets to quoin_app;
-- Claiming rows with "for update" needs the right to update them.
grant select, insert, update, delete on metering.unrated_folds to quoin_app;

insert into metering.meters (meter_id, key, event_type, value_property, dimension_properties, unit, created_at) values
    ('01900000-0000-7000-8000-000000000001', 'llm.input_tokens', 'llm.completion', 'input_tokens', '{model}', 'token', '2026-01-01T00:00:00Z'),
    ('01900000-0000-7000-8000-000000000002', 'llm.output_tokens', 'llm.completion', 'output_tokens', '{model}', 'token', '2026-01-01T00:00:00Z');
