-- Money about to be spent. A budget bounds what a scope (a key, a session, a project …) spends in a window; its row is
-- its lock and holds what counts in the current window, so that one probe by scope finds, locks and reads it. A window
-- that is over moves to budget_windows when the next one begins, and late settlements of it are added there.

create table limits.budgets (
    org_id uuid not null,
    budget_id uuid not null,
    scope_kind text collate "C" not null,
    scope_id text collate "C" not null,
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    amount_micros bigint not null check (amount_micros >= 0),
    -- day, week, month, year, billing_period, total, or a length such as 30d.
    window_text text not null,
    posture text not null check (posture in ('observe', 'soft', 'hard')),
    thresholds_percent integer[] not null,
    starts_at timestamptz not null,
    ended_at timestamptz,
    window_start timestamptz not null,
    reserved_micros numeric not null check (reserved_micros >= 0),
    spent_micros numeric not null check (spent_micros >= 0),
    -- The highest threshold of the current window that was told.
    told_percent integer not null,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    primary key (org_id, budget_id)
) with (fillfactor = 50);

create index budgets_by_scope on limits.budgets (org_id, scope_kind, scope_id) where ended_at is null;

create table limits.budget_windows (
    org_id uuid not null,
    budget_id uuid not null,
    window_start timestamptz not null,
    spent_micros numeric not null check (spent_micros >= 0),
    primary key (org_id, budget_id, window_start)
);

-- One row for each request that runs or ran a moment ago. Its key is unique for ever by its hold in the ledger.
create table limits.spend_reservations (
    org_id uuid not null,
    key text collate "C" not null,
    billing_account_id uuid not null,
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    amount_micros bigint not null check (amount_micros > 0),
    hold_id uuid not null,
    reference text not null,
    details text,
    -- The budgets it counts in, and the window of each.
    budget_ids uuid[] not null,
    window_starts timestamptz[] not null check (cardinality(window_starts) = cardinality(budget_ids)),
    state text not null check (state in ('held', 'in_review', 'settled', 'canceled', 'lapsed')),
    -- By the system's clock; of one in review, when it is given back.
    lapses_at timestamptz not null,
    -- By the organisation's clock.
    hold_expires_at timestamptz not null,
    spent_micros numeric check (spent_micros >= 0 and (spent_micros is not null) = (state = 'settled')),
    reserved_at timestamptz not null,
    ended_at timestamptz check ((ended_at is null) = (state in ('held', 'in_review'))),
    primary key (org_id, key)
) with (
    fillfactor = 80,
    -- Rows live for an hour, so vacuum must not wait for a share of the table.
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_cost_delay = 0
);

create index spend_reservations_by_lapse
    on limits.spend_reservations (lapses_at) where state in ('held', 'in_review');

create index spend_reservations_to_forget on limits.spend_reservations (ended_at) where ended_at is not null;

grant select, insert, update on limits.budgets to quoin_app;
grant select, insert, update on limits.budget_windows to quoin_app;
grant select, insert, update, delete on limits.spend_reservations to quoin_app;
