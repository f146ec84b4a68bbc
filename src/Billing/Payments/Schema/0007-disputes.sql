-- Payments that customers' banks call into question, and what speaks against it. Evidence is sent once; its files are
-- kept with their hashes, so that what was sent can be shown.

create table payments.disputes (
    org_id uuid not null,
    dispute_id uuid not null,
    billing_account_id uuid not null,
    payment_id uuid not null,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    provider_dispute_id text not null check (length(provider_dispute_id) between 1 and 191),
    status text not null check (status in (
        'opened', 'needs_response', 'evidence_due', 'evidence_submitted', 'won', 'lost', 'closed')),
    provider_status text not null,
    reason text not null,
    amount_minor bigint not null check (amount_minor >= 0),
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    is_withdrawn boolean not null,
    is_reinstated boolean not null,
    opened_at timestamptz not null,
    evidence_due_at timestamptz,
    -- When operators were told that nobody answered in time.
    overdue_told_at timestamptz,
    evidence_submitted_at timestamptz,
    closed_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, dispute_id),
    unique (org_id, provider, mode, provider_dispute_id),
    foreign key (org_id, payment_id) references payments.payments (org_id, payment_id)
);

create index disputes_by_deadline on payments.disputes (evidence_due_at, org_id, dispute_id)
    where status in ('opened', 'needs_response', 'evidence_due');

create table payments.dispute_evidence (
    org_id uuid not null,
    dispute_id uuid not null,
    explanation text not null check (length(explanation) between 1 and 20000),
    customer_name text check (length(customer_name) <= 200),
    customer_email text check (length(customer_email) <= 320),
    status text not null check (status in ('draft', 'submitting', 'submitted')),
    written_by text not null,
    submitted_by text,
    submitted_at timestamptz,
    updated_at timestamptz not null,
    primary key (org_id, dispute_id),
    foreign key (org_id, dispute_id) references payments.disputes (org_id, dispute_id)
);

create table payments.dispute_files (
    org_id uuid not null,
    dispute_id uuid not null,
    sha256 bytea not null check (length(sha256) = 32),
    name text not null check (length(name) between 1 and 200),
    content_type text not null check (content_type in ('application/pdf', 'image/jpeg', 'image/png')),
    content bytea not null check (length(content) between 1 and 5000000),
    added_by text not null,
    added_at timestamptz not null,
    primary key (org_id, dispute_id, sha256),
    foreign key (org_id, dispute_id) references payments.disputes (org_id, dispute_id)
);

grant select, insert, update on payments.disputes to quoin_app;
grant select, insert, update on payments.dispute_evidence to quoin_app;
grant select, insert on payments.dispute_files to quoin_app;
