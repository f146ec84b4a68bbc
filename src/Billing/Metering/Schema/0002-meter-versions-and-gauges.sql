-- What a meter reads becomes data with versions: the version in force when an event happened measures it, so a meter can
-- follow its senders and nothing measured changes. Meters whose parts do not add up (largest, smallest, last, different
-- values) keep what they saw, so that any range has an exact answer and any event can be taken back.

alter table metering.meters
    add column aggregation text not null default 'sum'
        check (aggregation in ('sum', 'count', 'max', 'min', 'last', 'unique_count', 'time_weighted')),
    -- The release before this one still reads these. No event has an empty type, so it leaves newer meters alone.
    alter column event_type set default '',
    alter column value_property set default '',
    alter column dimension_properties set default '{}';

alter table metering.meters alter column aggregation drop default;

create table metering.meter_versions (
    meter_id uuid not null references metering.meters,
    version integer not null check (version >= 1),
    effective_from timestamptz not null,
    definition jsonb not null,
    created_at timestamptz not null,
    primary key (meter_id, version),
    unique (meter_id, effective_from)
);

insert into metering.meter_versions (meter_id, version, effective_from, definition, created_at)
select
    meter_id,
    1,
    timestamptz '2000-01-01T00:00:00Z',
    jsonb_build_object(
        'event_type', event_type,
        'value_path', value_property,
        'is_optional', false,
        'dimensions', (
            select coalesce(jsonb_agg(jsonb_build_object('name', property, 'path', property) order by property), '[]')
            from unnest(dimension_properties) as property)),
    created_at
from metering.meters;

create trigger meter_versions_are_append_only
    before update or delete or truncate on metering.meter_versions
    for each statement execute function metering.refuse_change();

-- What max, min and last meters saw. The one with the highest rank is its quarter hour's: rank is the quantity, the
-- negative quantity, or when it happened; of equal ranks the higher hash of source and id wins, in whatever order they came.
create table metering.observations (
    org_id uuid not null,
    billing_account_id uuid not null,
    meter_id uuid not null,
    bucket_start timestamptz not null,
    dimensions text collate "C" not null,
    rank numeric not null,
    key_hash uuid not null,
    quantity numeric not null,
    primary key (org_id, billing_account_id, meter_id, bucket_start, dimensions, rank, key_hash)
);

-- What unique_count meters saw: 16-byte hashes of values, and how many events had each.
create table metering.distinct_values (
    org_id uuid not null,
    billing_account_id uuid not null,
    meter_id uuid not null,
    bucket_start timestamptz not null,
    dimensions text collate "C" not null,
    value_hash uuid not null,
    event_count bigint not null,
    primary key (org_id, billing_account_id, meter_id, bucket_start, dimensions, value_hash)
) with (fillfactor = 80);

grant insert on metering.meters to quoin_app;
grant select, insert on metering.meter_versions to quoin_app;
-- Both follow from the events; those of a voided event are taken out.
grant select, insert, delete on metering.observations to quoin_app;
grant select, insert, update, delete on metering.distinct_values to quoin_app;
