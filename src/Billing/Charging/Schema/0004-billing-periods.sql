-- Billing periods of accounts: opened and closed once, as their organisation's clock passes. What a period's plan and
-- commitment came to is kept like a rating position: the next line is what it should be, less what lines hold.

create table charging.billing_periods (
    org_id uuid not null,
    billing_account_id uuid not null,
    period_start timestamptz not null,
    period_end timestamptz not null,
    -- What lines of each kind hold so far, and how many lines there are.
    fee_micros bigint not null default 0,
    commit_micros bigint not null default 0,
    line_count bigint not null default 0,
    closed_at timestamptz,
    -- False where usage came after the closing: what depends on the period's whole is worked out anew.
    is_settled boolean not null default true,
    primary key (org_id, billing_account_id, period_start),
    check (period_start < period_end)
);

-- When something of an account is to be opened, closed or worked out anew, and which state of its plans that knows.
create table charging.billing_schedules (
    org_id uuid not null,
    billing_account_id uuid not null,
    due_at timestamptz,
    -- Up to when it was run: clocks of replicas differ a little, and a period's beginning is not taken back.
    run_at timestamptz,
    plan_change_count bigint not null default 0,
    primary key (org_id, billing_account_id)
);

create index billing_schedules_by_due on charging.billing_schedules (due_at, org_id) where due_at is not null;

create table charging.period_lines (
    org_id uuid not null,
    line_id uuid not null,
    billing_account_id uuid not null,
    period_start timestamptz not null,
    period_end timestamptz not null,
    kind text not null check (kind in ('plan_fee', 'commit')),
    amount_micros bigint not null,
    currency text not null,
    -- What all lines of this kind and period hold after this one.
    total_micros bigint not null,
    assignment_id uuid,
    plan_version_id uuid,
    reference text not null,
    is_late boolean not null,
    transfer_id uuid not null,
    made_at timestamptz not null,
    content_hash uuid not null,
    primary key (org_id, line_id)
);

create index period_lines_by_period on charging.period_lines (org_id, billing_account_id, period_start);

create trigger period_lines_are_append_only
    before update or delete or truncate on charging.period_lines
    for each statement execute function charging.refuse_change();

create index rating_positions_by_period on charging.rating_positions (org_id, billing_account_id, period_start);

grant select, insert, update on charging.billing_periods to quoin_app;
grant select, insert, update on charging.billing_schedules to quoin_app;
grant select, insert on charging.period_lines to quoin_app;
