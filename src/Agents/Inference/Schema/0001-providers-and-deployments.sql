-- Where the gateway's calls go. Few rows, written by the operator and read by every call, so they are shared by all
-- organisations and remembered whole.

create table inference.providers (
    provider_id uuid primary key,
    name text not null unique,
    kind text not null check (kind in ('openai', 'openai_compatible', 'anthropic')),
    base_url text not null,
    protocols text[] not null check (cardinality(protocols) > 0),
    credential bytea,
    first_byte_seconds integer not null check (first_byte_seconds > 0),
    idle_seconds integer not null check (idle_seconds > 0),
    total_seconds integer not null check (total_seconds > 0),
    is_enabled boolean not null,
    created_at timestamptz not null,
    changed_at timestamptz not null
);

-- A model's deployments are tried in the order of their positions.
create table inference.deployments (
    model text collate "C" not null,
    position integer not null check (position >= 0),
    provider_id uuid not null references inference.providers (provider_id),
    provider_model text not null,
    input_tokens_max bigint not null check (input_tokens_max > 0),
    output_tokens_max bigint not null check (output_tokens_max > 0),
    created_at timestamptz not null,
    primary key (model, position)
);

create index deployments_by_provider on inference.deployments (provider_id);

grant select, insert, update, delete on inference.providers to quoin_app;
grant select, insert, update, delete on inference.deployments to quoin_app;
