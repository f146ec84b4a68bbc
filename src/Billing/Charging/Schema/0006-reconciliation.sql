-- Reconciliation derives usage again from the events and compares every stage with it. It changes nothing but these rows:
-- a run says how far it has come, so that another replica goes on from there; findings say what does not fit.

create table charging.reconciliation_runs (
    run_id uuid primary key,
    -- Null: all organisations.
    org_id uuid,
    from_at timestamptz not null,
    to_at timestamptz not null check (to_at > from_at),
    -- One run a cause: the night's, a request's.
    cause text collate "C" not null unique,
    state text not null check (state in ('running', 'finished', 'stopped')),
    started_by text not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    -- Where it goes on: the organisation, the stage, and a place in that.
    at_org uuid,
    at_stage text not null,
    at_place text collate "C" not null,
    organisation_count integer not null default 0,
    event_count bigint not null default 0,
    line_count bigint not null default 0,
    transfer_count bigint not null default 0,
    finding_count bigint not null default 0
) with (fillfactor = 70);

create table charging.reconciliation_findings (
    org_id uuid not null,
    finding_id uuid not null,
    run_id uuid not null,
    kind text not null check (kind in (
        'missing_rating', 'missing_posting', 'amount_mismatch', 'orphan', 'duplicate', 'bucket_mismatch')),
    stage text not null,
    -- What it is about: the same thing is found once in a run, however often the run looks.
    subject text collate "C" not null,
    expected text not null,
    found text not null,
    billing_account_id uuid,
    meter_id uuid,
    dimensions text collate "C",
    bucket_start timestamptz,
    fold_id uuid,
    line_id uuid,
    transfer_id uuid,
    difference_micros bigint,
    currency text,
    found_at timestamptz not null,
    state text not null check (state in ('open', 'requeued', 'correction_requested')),
    correction_id uuid,
    repaired_by text,
    repaired_at timestamptz,
    primary key (org_id, finding_id),
    unique (org_id, run_id, kind, subject)
);

create index reconciliation_findings_of_run on charging.reconciliation_findings (run_id, finding_id);

grant select, insert, update on charging.reconciliation_runs to quoin_app;
grant select, insert, update on charging.reconciliation_findings to quoin_app;
