-- Teams and users that keys belong to, with what LiteLLM's tools say of keys: such tools keep them, and each may be held to
-- models, rates and a budget. A team that was deleted stays, so that its keys are refused and what they did keeps a name.

create table inference.spenders (
    org_id uuid not null,
    kind text not null check (kind in ('team', 'user')),
    name text collate "C" not null,
    -- What its tokens a minute are counted under, among those of keys.
    counter_id uuid not null,
    alias text,
    email text,
    -- Null is all models.
    models jsonb,
    requests_per_minute integer check (requests_per_minute > 0),
    tokens_per_minute bigint check (tokens_per_minute > 0),
    is_blocked boolean not null,
    -- Of a team: who is in it, and as what.
    members jsonb not null,
    metadata jsonb not null,
    budget_id uuid,
    soft_budget_id uuid,
    budget_duration text,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    deleted_at timestamptz,
    primary key (org_id, kind, name)
);

alter table inference.key_policies
    add column team text collate "C",
    add column alias text collate "C",
    add column is_blocked boolean not null default false,
    -- Other names of models, as clients may use them with this key.
    add column model_aliases jsonb,
    add column metadata jsonb,
    add column budget_id uuid,
    add column soft_budget_id uuid,
    add column budget_duration text,
    add column deleted_at timestamptz;

create unique index key_policies_by_alias on inference.key_policies (org_id, alias) where alias is not null;

create index key_policies_by_team on inference.key_policies (org_id, team) where team is not null;

create index key_policies_by_user on inference.key_policies (org_id, end_user) where end_user is not null;

grant select, insert, update on inference.spenders to quoin_app;
