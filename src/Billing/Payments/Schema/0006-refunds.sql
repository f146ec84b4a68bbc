-- Money that is given back, or credit instead of it. What is not failed or rejected counts against what was paid; the
-- sum is taken while the payment's row is locked.

create table payments.refunds (
    org_id uuid not null,
    refund_id uuid not null,
    billing_account_id uuid not null,
    payment_id uuid not null,
    purchase_id uuid,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    provider_payment_id text not null,
    kind text not null check (kind in ('internal_credit', 'provider_refund')),
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    -- Whether what is given back is not owed any more either.
    forgives boolean not null,
    status text not null check (status in ('requested', 'approved', 'processing', 'succeeded', 'failed', 'rejected')),
    reason text not null check (length(reason) between 1 and 500),
    needs_second boolean not null,
    requested_by text not null,
    requested_by_origin text not null,
    requested_at timestamptz not null,
    decided_by text,
    decided_at timestamptz,
    decision_reason text,
    -- How often it was begun: names each attempt at the provider and in the books.
    attempts integer not null check (attempts >= 0),
    provider_refund_id text check (length(provider_refund_id) between 1 and 191),
    failure text,
    updated_at timestamptz not null,
    finished_at timestamptz,
    primary key (org_id, refund_id),
    unique (org_id, provider, mode, provider_refund_id),
    foreign key (org_id, payment_id) references payments.payments (org_id, payment_id),
    check ((status in ('succeeded', 'failed', 'rejected')) = (finished_at is not null)),
    check (status not in ('approved', 'rejected') or decided_by is not null)
);

create index refunds_by_payment on payments.refunds (org_id, payment_id);

create index refunds_by_account on payments.refunds (org_id, billing_account_id, refund_id);

create index unfinished_refunds on payments.refunds (status, refund_id)
    where status in ('requested', 'approved', 'processing');

grant select, insert, update on payments.refunds to quoin_app;
