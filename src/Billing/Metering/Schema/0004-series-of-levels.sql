-- Time-weighted meters: events report the level of a resource, and a level lasts until the next one. Levels are linked
-- under their series' lock when they arrive; what they come to is accrued afterwards, in bounded steps. At every moment the
-- buckets hold, of each level, exactly level * (accrued_to - occurred_at): order and lateness cannot matter.

create table metering.series (
    org_id uuid not null,
    meter_id uuid not null,
    resource text collate "C" not null,
    change_count bigint not null,
    primary key (org_id, meter_id, resource)
) with (fillfactor = 80);

create table metering.series_levels (
    org_id uuid not null,
    meter_id uuid not null,
    resource text collate "C" not null,
    occurred_at timestamptz not null,
    -- Of two levels at one instant the one with the higher hash of source and id comes last, in whatever order they came.
    key_hash uuid not null,
    billing_account_id uuid not null,
    dimensions text collate "C" not null,
    level numeric not null check (level >= 0),
    fold_id uuid not null,
    ordinal integer not null,
    -- When the next level began; null while this one lasts.
    ends_at timestamptz check (ends_at >= occurred_at),
    accrued_to timestamptz not null check (accrued_to >= occurred_at),
    -- When there is something to accrue or to take back, by the organisation's clock; null: never.
    due_at timestamptz,
    is_void boolean not null default false,
    primary key (org_id, meter_id, resource, occurred_at, key_hash)
) with (fillfactor = 80);

create index series_levels_due on metering.series_levels (org_id, due_at) where due_at is not null;
create index series_levels_due_first on metering.series_levels (due_at, org_id) where due_at is not null;

-- Which part of which level a fold accrued: from usage back to the event that reported the level. A part that was taken
-- back ends before it starts.
create table metering.accruals (
    org_id uuid not null,
    fold_id uuid not null,
    ordinal integer not null,
    meter_id uuid not null,
    level_fold_id uuid not null,
    level_ordinal integer not null,
    level numeric not null,
    from_at timestamptz not null,
    to_at timestamptz not null,
    primary key (org_id, fold_id, ordinal)
);

create trigger accruals_are_append_only
    before update or delete or truncate on metering.accruals
    for each statement execute function metering.refuse_change();

grant select, insert, update on metering.series to quoin_app;
grant select, insert, update on metering.series_levels to quoin_app;
grant select, insert on metering.accruals to quoin_app;
