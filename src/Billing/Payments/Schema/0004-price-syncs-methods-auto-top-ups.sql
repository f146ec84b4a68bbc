-- How each plan's version came to its price at a provider, how customers pay, and charging them when credit runs low. Of
-- a payment method only what a customer needs to recognise it is kept.

-- Shared by all organisations, as the prices are.
create table payments.plan_price_syncs (
    plan_version_id uuid not null,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    status text not null check (status in ('pending', 'synced', 'failed')),
    problem text check (length(problem) <= 2000),
    provider_request_id text check (length(provider_request_id) <= 191),
    attempts integer not null check (attempts >= 0),
    due_at timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (plan_version_id, provider, mode),
    check (status <> 'failed' or problem is not null)
);

create table payments.payment_methods (
    org_id uuid not null,
    method_id uuid not null,
    billing_account_id uuid not null,
    customer_id uuid not null,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    provider_method_id text not null check (length(provider_method_id) between 1 and 191),
    type text not null check (length(type) between 1 and 60),
    brand text check (length(brand) <= 60),
    last4 text check (length(last4) <= 4),
    expiry_month integer check (expiry_month between 1 and 12),
    expiry_year integer check (expiry_year between 2000 and 2200),
    is_default boolean not null,
    status text not null check (status in ('active', 'detached', 'expired', 'disabled')),
    last_event_at timestamptz,
    last_event_id text,
    last_reconciled_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, method_id),
    unique (org_id, provider, mode, provider_method_id),
    check (not is_default or status in ('active', 'expired')),
    foreign key (org_id, customer_id, billing_account_id, provider)
        references payments.customers (org_id, customer_id, billing_account_id, provider)
);

create unique index one_default_method
    on payments.payment_methods (org_id, billing_account_id, provider, mode) where is_default;

create index methods_by_account on payments.payment_methods (org_id, billing_account_id, status);

-- What was learnt of an account's methods, and when: by asking, or by news.
create table payments.payment_method_syncs (
    org_id uuid not null,
    sync_id uuid not null,
    billing_account_id uuid not null,
    customer_id uuid,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    kind text not null check (length(kind) between 1 and 96),
    provider_event_id text check (length(provider_event_id) <= 191),
    status text not null check (status in ('succeeded', 'failed', 'skipped')),
    problem text check (length(problem) <= 2000),
    fetched integer not null check (fetched >= 0),
    is_whole boolean not null,
    at timestamptz not null,
    primary key (org_id, sync_id),
    foreign key (org_id, customer_id) references payments.customers (org_id, customer_id) on delete set null (customer_id)
);

create index method_syncs_by_account on payments.payment_method_syncs (org_id, billing_account_id, at);

create table payments.auto_top_ups (
    org_id uuid not null,
    billing_account_id uuid not null,
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    threshold_micros bigint not null check (threshold_micros > 0),
    amount_minor bigint not null check (amount_minor > 0),
    monthly_cap_minor bigint not null check (monthly_cap_minor >= amount_minor),
    -- Null takes whichever is the account's default when it is charged.
    method_id uuid,
    is_active boolean not null,
    stopped_reason text check (length(stopped_reason) <= 191),
    stopped_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, billing_account_id),
    check (is_active = (stopped_reason is null)),
    foreign key (org_id, method_id) references payments.payment_methods (org_id, method_id)
);

create index auto_top_ups_to_watch on payments.auto_top_ups (org_id, billing_account_id) where is_active;

create table payments.auto_top_up_charges (
    org_id uuid not null,
    charge_id uuid not null,
    billing_account_id uuid not null,
    customer_id uuid not null,
    method_id uuid not null,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    -- The calendar month (UTC) whose cap it counts against.
    month date not null check (extract(day from month) = 1),
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    operation_key text not null check (operation_key ~ '^[0-9a-f]{64}$'),
    provider_key text not null check (provider_key ~ '^[0-9a-f]{64}$'),
    -- Sent again exactly so until the provider has answered.
    frozen_params text not null,
    replay_deadline_at timestamptz not null,
    status text not null check (status in ('pending', 'succeeded', 'failed')),
    provider_payment_id text check (length(provider_payment_id) between 1 and 191),
    failure_code text check (length(failure_code) <= 96),
    failure_message text check (length(failure_message) <= 2000),
    attempts integer not null check (attempts >= 0),
    due_at timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    finished_at timestamptz,
    primary key (org_id, charge_id),
    unique (org_id, operation_key),
    unique (org_id, provider, mode, provider_key),
    check ((status = 'pending') = (finished_at is null)),
    check ((status = 'failed') = (failure_code is not null)),
    foreign key (org_id, method_id) references payments.payment_methods (org_id, method_id)
);

create unique index one_pending_charge
    on payments.auto_top_up_charges (org_id, billing_account_id) where status = 'pending';

create index charges_of_month on payments.auto_top_up_charges (org_id, billing_account_id, month);

create index pending_charges_by_due on payments.auto_top_up_charges (due_at, org_id, charge_id) where status = 'pending';

grant select, insert, update on payments.plan_price_syncs to quoin_app;
grant select, insert, update on payments.payment_methods to quoin_app;
grant select, insert on payments.payment_method_syncs to quoin_app;
grant select, insert, update, delete on payments.auto_top_ups to quoin_app;
grant select, insert, update on payments.auto_top_up_charges to quoin_app;
