-- What is bought, what the books know of each payment, and what does not fit. A posting is written with its transfer: it
-- says once and for all that the books know a fact of the provider, so that nobody posts it again.

create table payments.purchases (
    org_id uuid not null,
    purchase_id uuid not null,
    billing_account_id uuid not null,
    request_id uuid,
    operation_key text not null check (operation_key ~ '^[0-9a-f]{64}$'),
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    -- An address anybody can pay at: each payment there is a purchase of its own.
    is_of_link boolean not null,
    amount_minor bigint not null check (amount_minor > 0),
    refunded_minor bigint not null check (refunded_minor between 0 and amount_minor),
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    status text not null check (status in (
        'initiated', 'pending', 'succeeded', 'failed', 'expired', 'canceled', 'partially_refunded', 'refunded',
        'disputed')),
    provider_payment_id text check (length(provider_payment_id) between 1 and 191),
    payment_id uuid,
    grant_id uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    paid_at timestamptz,
    primary key (org_id, purchase_id),
    unique (org_id, provider, mode, provider_payment_id),
    check (status not in ('succeeded', 'partially_refunded', 'refunded', 'disputed') or grant_id is not null)
);

create unique index one_purchase_per_operation
    on payments.purchases (org_id, provider, mode, operation_key) where not is_of_link;

create index purchases_by_account on payments.purchases (org_id, billing_account_id, created_at);

create index purchases_by_request on payments.purchases (org_id, request_id) where request_id is not null;

create table payments.postings (
    org_id uuid not null,
    key text not null check (length(key) between 1 and 250),
    billing_account_id uuid not null,
    kind text not null,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    -- What of the provider it is about: a payment, a refund, a dispute, a movement, a payout.
    source text not null check (length(source) between 1 and 191),
    -- What it adds to the money at the provider; negative takes.
    clearing_minor bigint not null,
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    transfer_id uuid not null,
    grant_id uuid,
    posted_at timestamptz not null,
    primary key (org_id, key)
);

create index postings_by_source on payments.postings (org_id, provider, mode, source);

create function payments.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% of % is append-only', tg_op, tg_table_name;
end
$$;

create trigger postings_never_change
    before update or delete on payments.postings
    for each row execute function payments.refuse_change();

create trigger postings_are_never_emptied
    before truncate on payments.postings
    for each statement execute function payments.refuse_change();

create table payments.findings (
    org_id uuid not null,
    finding_id uuid not null,
    billing_account_id uuid not null,
    kind text not null check (kind ~ '^[a-z][a-z_]{1,40}$'),
    -- The provider's id of what does not fit.
    subject text not null check (length(subject) between 1 and 191),
    detail text not null,
    amount_minor bigint,
    currency text check (currency ~ '^[A-Z]{3,5}$'),
    found_at timestamptz not null,
    resolved_at timestamptz,
    resolved_by text,
    resolution text,
    primary key (org_id, finding_id),
    unique (org_id, kind, subject),
    check ((resolved_at is null) = (resolved_by is null))
);

create index open_findings on payments.findings (found_at) where resolved_at is null;

create table payments.followed_accounts (
    org_id uuid not null,
    billing_account_id uuid not null,
    subscription_id uuid not null,
    plan_version_id uuid,
    past_due_since timestamptz,
    -- What was asked for last, and from when the provider counts its difference.
    changes_to uuid,
    changes_at timestamptz,
    updated_at timestamptz not null,
    primary key (org_id, billing_account_id)
);

grant select, insert, update on payments.purchases to quoin_app;
grant select, insert on payments.postings to quoin_app;
grant select, insert, update on payments.findings to quoin_app;
grant select, insert, update on payments.followed_accounts to quoin_app;
