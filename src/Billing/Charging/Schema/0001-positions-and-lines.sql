-- Usage becomes money here. A position is how far a rating key has been rated; a line is one step of it, and never
-- changes. What cannot be rated is set aside, visible, and comes back when it can.

create table charging.rating_positions (
    org_id uuid not null,
    billing_account_id uuid not null,
    component_id uuid not null,
    period_start timestamptz not null,
    currency text not null,
    rated_micros bigint not null,
    line_count bigint not null,
    -- Quantity by price version, oldest version first: a price change keeps the position.
    version_ids uuid[] not null,
    quantities numeric[] not null,
    primary key (org_id, billing_account_id, component_id, period_start),
    check (cardinality(version_ids) = cardinality(quantities))
) with (fillfactor = 70);

create table charging.rated_lines (
    org_id uuid not null,
    line_id uuid not null,
    billing_account_id uuid not null,
    component_id uuid not null,
    version_id uuid not null,
    meter_id uuid not null,
    dimensions text collate "C" not null,
    period_start timestamptz not null,
    bucket_start timestamptz not null,
    quantity numeric not null,
    event_count bigint not null,
    amount_micros bigint not null,
    currency text not null,
    -- The position after this line: what was asked of the price, and what had been charged.
    position_quantity numeric not null,
    position_micros bigint not null,
    fold_ids uuid[] not null,
    transfer_id uuid,
    rated_at timestamptz not null,
    content_hash uuid not null,
    primary key (org_id, line_id)
);

create index rated_lines_by_bucket on charging.rated_lines (org_id, bucket_start);
create index rated_lines_by_transfer on charging.rated_lines (org_id, transfer_id);

create table charging.unpriced_usage (
    org_id uuid not null,
    fold_id uuid not null,
    billing_account_id uuid not null,
    meter_id uuid not null,
    dimensions text collate "C" not null,
    bucket_start timestamptz not null,
    quantity numeric not null,
    event_count bigint not null,
    recorded_at timestamptz not null,
    reason text not null check (reason in ('no_price', 'overflow')),
    shard smallint not null,
    catalogue_revision bigint not null,
    set_aside_at timestamptz not null,
    primary key (org_id, fold_id, billing_account_id, meter_id, dimensions, bucket_start)
);

create index unpriced_usage_by_shard on charging.unpriced_usage (shard, catalogue_revision);

create function charging.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: later usage and corrections make new lines', tg_table_name
        using errcode = 'integrity_constraint_violation';
end
$$;

create trigger rated_lines_are_append_only
    before update or delete or truncate on charging.rated_lines
    for each statement execute function charging.refuse_change();

grant select, insert, update on charging.rating_positions to quoin_app;
grant select, insert on charging.rated_lines to quoin_app;
-- Claiming rows with "for update" needs the right to update them.
grant select, insert, update, delete on charging.unpriced_usage to quoin_app;
