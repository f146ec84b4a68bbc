-- LiteLLM's tools keep limits once and give them to several keys and customers: budgets by name. And they keep customers:
-- those whom a call names in its `user`, whichever key it is made with. Budgets of Limits still do the counting, one for each
-- key and each customer.

create table inference.shared_budgets (
    org_id uuid not null,
    name text collate "C" not null,
    -- Null is no bound.
    max_micros bigint check (max_micros >= 0),
    soft_micros bigint check (soft_micros >= 0),
    budget_duration text,
    requests_per_minute integer check (requests_per_minute > 0),
    tokens_per_minute bigint check (tokens_per_minute > 0),
    -- Of keys alone.
    parallel_max integer check (parallel_max > 0),
    created_by text not null,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    primary key (org_id, name)
);

alter table inference.key_policies
    add column shared_budget text collate "C";

alter table inference.spenders
    add column shared_budget text collate "C",
    drop constraint spenders_kind_check,
    add constraint spenders_kind_check check (kind in ('team', 'user', 'customer'));

create index key_policies_by_shared_budget on inference.key_policies (org_id, shared_budget) where shared_budget is not null;

create index spenders_by_shared_budget on inference.spenders (org_id, shared_budget) where shared_budget is not null;

grant select, insert, update, delete on inference.shared_budgets to quoin_app;
