-- What customers asked to pay and what a provider made of it. A billing account's row is what every writer locks
-- first; its requests, checkouts, subscriptions, invoices and payments follow in that order. What must not be twice is
-- an index: one pending checkout, one checkout that blocks, one current subscription, one sellable price. Amounts are in
-- minor units, as providers say them; instants a provider says are kept apart from those of this program.

create table payments.billing_accounts (
    org_id uuid not null,
    billing_account_id uuid not null,
    created_at timestamptz not null,
    primary key (org_id, billing_account_id)
);

-- Prices of plan versions at a provider: shared by all organisations.
create table payments.plan_prices (
    plan_price_id uuid primary key,
    plan_version_id uuid not null,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    component text not null check (component in ('base', 'seat', 'metered', 'add_on')),
    usage_type text not null check (usage_type in ('licensed', 'metered')),
    interval_unit text not null check (interval_unit in ('day', 'week', 'month', 'year')),
    interval_count integer not null check (interval_count between 1 and 120),
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    amount_minor bigint not null check (amount_minor >= 0),
    provider_product_id text,
    provider_price_id text not null check (length(provider_price_id) between 1 and 191),
    is_active boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    unique (provider, mode, provider_price_id)
);

create unique index one_sellable_price
    on payments.plan_prices (plan_version_id, provider, mode)
    where is_active and usage_type = 'licensed' and component = 'base';

-- What may be sold once by a price of the provider: nobody names another one.
create table payments.catalogue_items (
    catalogue_item_id uuid primary key,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    name text not null check (length(name) between 1 and 160),
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    amount_minor bigint not null check (amount_minor > 0),
    provider_price_id text not null check (length(provider_price_id) between 1 and 191),
    is_active boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    unique (provider, mode, provider_price_id)
);

create table payments.customers (
    org_id uuid not null,
    customer_id uuid not null,
    billing_account_id uuid not null,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    provider_customer_id text not null check (length(provider_customer_id) between 1 and 191),
    email text check (length(email) <= 320),
    is_active boolean not null,
    last_event_at timestamptz,
    last_event_id text,
    last_reconciled_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, customer_id),
    unique (org_id, provider, mode, provider_customer_id),
    unique (org_id, customer_id, billing_account_id, provider)
);

create unique index one_active_customer
    on payments.customers (org_id, billing_account_id, provider, mode) where is_active;

create table payments.requests (
    org_id uuid not null,
    request_id uuid not null,
    billing_account_id uuid not null,
    action text not null check (action ~ '^[a-z][a-z_]{1,30}$'),
    flow text check (flow in ('subscription', 'one_off', 'setup')),
    client_key text not null check (length(client_key) between 1 and 191),
    fingerprint bytea not null check (length(fingerprint) = 32),
    normalized text not null,
    actor text not null,
    operation_key text not null check (operation_key ~ '^[0-9a-f]{64}$'),
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    provider_key text not null check (provider_key ~ '^[0-9a-f]{64}$'),
    -- Frozen once, sent again as it is however often the call is repeated.
    frozen_params text,
    frozen_hash text check (frozen_hash ~ '^[0-9a-f]{64}$'),
    frozen_schema text,
    frozen_client text,
    frozen_client_version text,
    frozen_api_version text,
    frozen_at timestamptz,
    -- Known from the first row on: a claim that died before freezing is recovered or given up by it.
    replay_deadline_at timestamptz not null,
    expires_upper_bound_at timestamptz,
    provider_object_id text check (length(provider_object_id) between 1 and 191),
    status text not null check (status in ('pending', 'succeeded', 'failed', 'expired')),
    response text,
    failure_code text check (length(failure_code) <= 96),
    failure_reason text,
    failure_details text,
    lease_owner text,
    lease_version bigint not null check (lease_version > 0),
    lease_expires_at timestamptz,
    lease_beat_at timestamptz,
    recovery_attempts integer not null check (recovery_attempts >= 0),
    last_recovery_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    finished_at timestamptz,
    primary key (org_id, request_id),
    unique (org_id, billing_account_id, action, client_key),
    unique (org_id, action, operation_key),
    unique (org_id, provider, mode, provider_key),
    check ((status = 'pending') = (finished_at is null)),
    check (status <> 'succeeded' or response is not null),
    check ((status in ('failed', 'expired')) = (failure_code is not null)),
    check ((frozen_params is null) = (frozen_hash is null)),
    check ((frozen_params is null) = (frozen_at is null))
);

create unique index one_pending_checkout
    on payments.requests (org_id, billing_account_id) where action = 'checkout' and status = 'pending';

create index pending_requests_by_lease on payments.requests (lease_expires_at, org_id, request_id) where status = 'pending';

create index requests_by_account on payments.requests (org_id, billing_account_id, created_at);

create index requests_to_forget on payments.requests (finished_at) where status <> 'pending';

create table payments.subscriptions (
    org_id uuid not null,
    subscription_id uuid not null,
    billing_account_id uuid not null,
    customer_id uuid not null,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    provider_subscription_id text not null check (length(provider_subscription_id) between 1 and 191),
    plan_version_id uuid,
    status text not null check (status in (
        'incomplete', 'trialing', 'active', 'past_due', 'paused', 'unpaid', 'canceled', 'incomplete_expired')),
    provider_status text not null,
    is_current boolean not null,
    provider_created_at timestamptz,
    period_start timestamptz,
    period_end timestamptz,
    trial_end timestamptz,
    ends_with_period boolean not null,
    canceled_at timestamptz,
    ended_at timestamptz,
    is_paused boolean not null,
    latest_invoice text,
    operation_key text,
    last_event_at timestamptz,
    last_event_id text,
    last_reconciled_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, subscription_id),
    unique (org_id, provider, mode, provider_subscription_id),
    foreign key (org_id, customer_id, billing_account_id, provider)
        references payments.customers (org_id, customer_id, billing_account_id, provider),
    constraint current_is_not_ended check (not is_current or status not in ('canceled', 'incomplete_expired'))
);

create unique index one_current_subscription
    on payments.subscriptions (org_id, billing_account_id) where is_current;

create index subscriptions_by_account on payments.subscriptions (org_id, billing_account_id);

create index subscriptions_to_reconcile on payments.subscriptions (org_id, subscription_id) where is_current;

create table payments.subscription_items (
    org_id uuid not null,
    subscription_id uuid not null,
    provider text not null,
    mode text not null,
    provider_item_id text not null check (length(provider_item_id) between 1 and 191),
    provider_price_id text not null,
    plan_price_id uuid,
    component text not null check (component in ('base', 'seat', 'metered', 'add_on')),
    usage_type text not null check (usage_type in ('licensed', 'metered')),
    quantity integer check (quantity >= 0),
    is_active boolean not null,
    last_event_at timestamptz,
    last_event_id text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, subscription_id, provider_item_id),
    unique (org_id, provider, mode, provider_item_id),
    foreign key (org_id, subscription_id) references payments.subscriptions (org_id, subscription_id)
);

create table payments.checkouts (
    org_id uuid not null,
    checkout_id uuid not null,
    billing_account_id uuid not null,
    flow text not null check (flow in ('subscription', 'one_off', 'setup')),
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    -- Null for a hold: nobody knows yet whether the provider made one.
    provider_checkout_id text check (length(provider_checkout_id) between 1 and 191),
    request_id uuid,
    operation_key text not null check (operation_key ~ '^[0-9a-f]{64}$'),
    -- An address anybody can pay at, as often as they like: its checkouts share its operation.
    is_of_link boolean not null,
    provider_customer_id text,
    provider_subscription_id text,
    provider_payment_id text,
    provider_invoice_id text,
    status text not null check (status in (
        'open', 'completed_pending_subscription', 'recovery_verification_pending', 'completed_reconciled', 'expired',
        'abandoned')),
    url text,
    amount_minor bigint,
    currency text check (currency ~ '^[A-Z]{3,5}$'),
    metadata text not null,
    expires_at timestamptz,
    completed_at timestamptz,
    last_event_at timestamptz,
    last_event_id text,
    last_reconciled_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, checkout_id),
    unique (org_id, provider, mode, provider_checkout_id),
    unique (org_id, provider, mode, provider_subscription_id),
    unique (org_id, request_id),
    foreign key (org_id, request_id) references payments.requests (org_id, request_id) on delete set null (request_id)
);

-- Only a subscription can be asked for twice by mistake; who pays for something else meanwhile is not in its way.
create unique index one_blocking_checkout
    on payments.checkouts (org_id, billing_account_id)
    where flow = 'subscription'
      and status in ('open', 'completed_pending_subscription', 'recovery_verification_pending');

create unique index one_checkout_per_operation
    on payments.checkouts (org_id, provider, mode, operation_key) where not is_of_link;

create index checkouts_by_operation on payments.checkouts (org_id, operation_key);

create index checkouts_by_account on payments.checkouts (org_id, billing_account_id, status);

create index unfinished_checkouts on payments.checkouts (status, expires_at, org_id, checkout_id)
    where status in ('open', 'completed_pending_subscription', 'recovery_verification_pending');

create table payments.invoices (
    org_id uuid not null,
    invoice_id uuid not null,
    billing_account_id uuid not null,
    customer_id uuid,
    -- Null for what is paid once.
    subscription_id uuid,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    provider_invoice_id text not null check (length(provider_invoice_id) between 1 and 191),
    provider_subscription_id text,
    provider_payment_id text,
    number text,
    status text not null,
    due_minor bigint not null,
    paid_minor bigint not null,
    remaining_minor bigint not null,
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    operation_key text,
    hosted_url text,
    pdf_url text,
    issued_at timestamptz not null,
    due_at timestamptz,
    paid_at timestamptz,
    last_event_at timestamptz,
    last_event_id text,
    last_reconciled_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, invoice_id),
    unique (org_id, provider, mode, provider_invoice_id),
    foreign key (org_id, subscription_id) references payments.subscriptions (org_id, subscription_id)
);

create index invoices_by_account on payments.invoices (org_id, billing_account_id, issued_at);

create index invoices_by_change on payments.invoices (updated_at, org_id, invoice_id);

create table payments.payments (
    org_id uuid not null,
    payment_id uuid not null,
    billing_account_id uuid not null,
    invoice_id uuid,
    checkout_id uuid,
    request_id uuid,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    provider_payment_id text not null check (length(provider_payment_id) between 1 and 191),
    provider_charge_id text,
    provider_customer_id text,
    kind text not null check (kind in ('invoice', 'checkout', 'charge', 'link')),
    status text not null check (status in ('pending', 'action_needed', 'succeeded', 'failed')),
    amount_minor bigint not null check (amount_minor >= 0),
    refunded_minor bigint not null check (refunded_minor between 0 and amount_minor),
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    operation_key text,
    failure_message text,
    receipt_url text,
    metadata text not null,
    paid_at timestamptz,
    last_event_at timestamptz,
    last_event_id text,
    last_reconciled_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, payment_id),
    unique (org_id, provider, mode, provider_payment_id),
    foreign key (org_id, invoice_id) references payments.invoices (org_id, invoice_id) on delete set null (invoice_id),
    foreign key (org_id, checkout_id) references payments.checkouts (org_id, checkout_id)
        on delete set null (checkout_id),
    foreign key (org_id, request_id) references payments.requests (org_id, request_id) on delete set null (request_id)
);

create index payments_by_account on payments.payments (org_id, billing_account_id, created_at);

create index payments_by_charge on payments.payments (org_id, provider, mode, provider_charge_id)
    where provider_charge_id is not null;

grant select, insert on payments.billing_accounts to quoin_app;
-- A lock of a row is an update in the eyes of PostgreSQL.
grant update (created_at) on payments.billing_accounts to quoin_app;
grant select, insert, update on payments.plan_prices to quoin_app;
grant select, insert, update on payments.catalogue_items to quoin_app;
grant select, insert, update on payments.customers to quoin_app;
grant select, insert, update, delete on payments.requests to quoin_app;
grant select, insert, update on payments.subscriptions to quoin_app;
grant select, insert, update on payments.subscription_items to quoin_app;
grant select, insert, update on payments.checkouts to quoin_app;
grant select, insert, update on payments.invoices to quoin_app;
grant select, insert, update on payments.payments to quoin_app;
