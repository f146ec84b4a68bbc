-- What should not be at the provider and is being ended there, and comparisons with the provider: who compares what, how
-- far they came, what did not fit.

create table payments.remediations (
    org_id uuid not null,
    remediation_id uuid not null,
    billing_account_id uuid not null,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    action text not null check (action in ('cancel_duplicate_subscription')),
    canonical_provider_id text not null,
    canonical_subscription_id uuid,
    duplicate_provider_id text not null check (length(duplicate_provider_id) between 1 and 191),
    algorithm text not null,
    operation_key text,
    provider_event_id text,
    status text not null check (status in ('pending', 'in_progress', 'succeeded', 'failed', 'dead_letter')),
    attempts integer not null default 0,
    last_attempt_at timestamptz,
    resolved_at timestamptz,
    resolution text,
    error text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (org_id, remediation_id),
    constraint one_remediation_of_a_duplicate unique (org_id, provider, mode, duplicate_provider_id, action),
    check (canonical_provider_id <> duplicate_provider_id),
    foreign key (org_id, canonical_subscription_id)
        references payments.subscriptions (org_id, subscription_id) on delete set null (canonical_subscription_id)
);

create index remediations_by_account on payments.remediations (org_id, billing_account_id, remediation_id);

create index remediations_open on payments.remediations (remediation_id) where status <> 'succeeded';

-- One run of a scope at a time; whoever runs says so again and again, and who stopped is taken over. No organisation's.
create table payments.reconciliation_runs (
    run_id uuid primary key,
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    scope text not null check (length(scope) between 1 and 64),
    status text not null check (status in ('running', 'succeeded', 'failed')),
    started_by text not null,
    runner text not null,
    -- Of the scope's lease, by which it was taken last: 0 before anybody did.
    lease_version bigint not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    -- The last row seen of the list that is being gone through; null at its beginning.
    cursor_org_id uuid,
    cursor_row_id uuid,
    scanned_count bigint not null default 0,
    drift_count bigint not null default 0,
    repaired_count bigint not null default 0,
    failed_count bigint not null default 0,
    error text,
    check ((status = 'running') = (finished_at is null))
);

create unique index one_active_run on payments.reconciliation_runs (provider, mode, scope) where status = 'running';

create index runs_by_scope on payments.reconciliation_runs (provider, mode, scope, run_id);

create table payments.reconciliation_findings (
    org_id uuid not null,
    finding_id uuid not null,
    run_id uuid not null,
    billing_account_id uuid not null,
    kind text not null,
    subject text not null,
    stored text not null,
    said text not null,
    is_repaired boolean not null,
    error text,
    found_at timestamptz not null,
    primary key (org_id, finding_id)
);

create index findings_by_run on payments.reconciliation_findings (run_id, finding_id);

grant select, insert, update on payments.remediations to quoin_app;
grant select, insert, update, delete on payments.reconciliation_runs to quoin_app;
grant select, insert, delete on payments.reconciliation_findings to quoin_app;
