-- Plans: what customers subscribe to. Families and their versions are few and shared by all organisations; which
-- account has which, and since when, belongs to the organisation. A published version never changes.

create table pricing.plan_families (
    family text primary key check (family ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    name text not null,
    description text not null,
    visibility text not null check (visibility in ('public', 'custom', 'internal')),
    created_at timestamptz not null
);

create table pricing.plan_versions (
    plan_version_id uuid primary key,
    family text not null,
    number integer not null check (number > 0),
    status text not null check (status in ('draft', 'published')),
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    fee_micros bigint not null check (fee_micros >= 0),
    price_book_id uuid,
    trial_days integer not null check (trial_days >= 0),
    -- Canonical JSON texts: they are hashed as they stand.
    entitlements text not null,
    grants text not null,
    content_hash bytea not null,
    created_at timestamptz not null,
    published_at timestamptz,
    unique (family, number),
    check ((status = 'published') = (published_at is not null))
);

create function pricing.refuse_changing_what_is_published() returns trigger language plpgsql as $$
begin
    if old.status = 'published' then
        raise exception '% never change once published: make a new version', tg_table_name
            using errcode = 'integrity_constraint_violation';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end
$$;

create trigger published_plans_are_immutable
    before update or delete on pricing.plan_versions
    for each row execute function pricing.refuse_changing_what_is_published();

create trigger plans_are_kept
    before truncate on pricing.plan_versions
    for each statement execute function pricing.refuse_change();

-- Whoever changes what an account has locks its row here first, so that two never both find it free.
create table pricing.assigned_accounts (
    org_id uuid not null,
    billing_account_id uuid not null,
    change_count bigint not null,
    primary key (org_id, billing_account_id)
);

-- What a customer has and had. The end alone may move, and only ahead; one that ends where it begins never was.
create table pricing.plan_assignments (
    org_id uuid not null,
    assignment_id uuid not null,
    billing_account_id uuid not null,
    kind text not null check (kind in ('contract', 'reseller', 'plan')),
    plan_version_id uuid,
    price_book_id uuid,
    effective_from timestamptz not null,
    effective_to timestamptz,
    -- When usage is priced by it: usage that may be rated already keeps its price.
    prices_from timestamptz not null,
    prices_to timestamptz,
    anchor timestamptz not null,
    commit_micros bigint check (commit_micros > 0),
    overage_factor numeric check (overage_factor > 0),
    discount_bps integer not null check (discount_bps between 0 and 10000),
    trial_ends_at timestamptz,
    note text not null,
    created_by text not null,
    created_at timestamptz not null,
    primary key (org_id, assignment_id),
    check (effective_to >= effective_from),
    check (prices_to >= prices_from),
    check ((commit_micros is null) = (overage_factor is null))
);

create index plan_assignments_by_account on pricing.plan_assignments (org_id, billing_account_id, kind, effective_from);

grant select, insert on pricing.plan_families to quoin_app;
grant select, insert, update, delete on pricing.plan_versions to quoin_app;
grant select, insert, update on pricing.assigned_accounts to quoin_app;
grant select, insert on pricing.plan_assignments to quoin_app;
grant update (effective_to, prices_to) on pricing.plan_assignments to quoin_app;
