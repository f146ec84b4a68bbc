-- Addresses at which anybody can pay, kept so that whoever sells sees and ends them. They outlive the request that made
-- them: a payment may come as long as the address is open, and its request, which names what it is for, is kept for it.

create table payments.payment_links (
    org_id uuid not null,
    payment_link_id uuid not null,
    billing_account_id uuid not null,
    request_id uuid not null,
    operation_key text not null check (operation_key ~ '^[0-9a-f]{64}$'),
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    provider_link_id text not null check (length(provider_link_id) between 1 and 191),
    url text not null,
    -- What is sold, as payers read it: name, quantity and minor units for one.
    lines jsonb not null,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    gives_credit boolean not null,
    is_active boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deactivated_at timestamptz,
    primary key (org_id, payment_link_id),
    unique (org_id, request_id),
    unique (org_id, provider, mode, provider_link_id),
    check (is_active = (deactivated_at is null))
);

create index payment_links_by_account on payments.payment_links (org_id, billing_account_id, payment_link_id);

-- What a link took, and what a payment bought: read by pages.
create index payments_by_operation on payments.payments (org_id, operation_key) where operation_key is not null;

create index purchases_by_paid_payment on payments.purchases (org_id, payment_id) where payment_id is not null;

grant select, insert, update on payments.payment_links to quoin_app;
