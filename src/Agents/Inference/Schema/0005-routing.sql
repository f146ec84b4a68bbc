-- Which deployment of a model answers: by tier, weight, tags and region. A deployment without a tier has its position, as
-- all had before, so that what an older release writes means what it meant. A share of calls may be copied to a deployment
-- whose answers nobody gets.

alter table inference.deployments
    add column tier integer check (tier between 0 and 100),
    add column weight integer not null default 1 check (weight between 1 and 1000),
    add column tags text[] not null default '{}',
    add column region text,
    add column first_byte_seconds integer check (first_byte_seconds > 0),
    add column total_seconds integer check (total_seconds > 0),
    add column shadow_percent integer not null default 0 check (shadow_percent between 0 and 100);

-- Null is no rule: any deployment may answer.
alter table inference.key_policies
    add column required_tags jsonb,
    add column regions jsonb;

-- The same for all calls of an organisation.
create table inference.routing_rules (
    org_id uuid not null,
    required_tags text[] not null,
    regions text[] not null,
    changed_at timestamptz not null,
    primary key (org_id)
);

grant select, insert, update, delete on inference.routing_rules to quoin_app;

-- More kinds of providers, with what they must be told besides an address and a key.
alter table inference.providers
    drop constraint providers_kind_check;
alter table inference.providers
    add constraint providers_kind_check check (kind in (
        'openai', 'openai_compatible', 'anthropic', 'azure_openai', 'bedrock', 'gemini', 'litellm')),
    add column api_version text,
    add column region text;

-- An organisation's own account at a provider: its calls are made with it, and the operator is not asked for their cost.
create table inference.own_credentials (
    org_id uuid not null,
    provider_id uuid not null references inference.providers (provider_id) on delete cascade,
    credential bytea not null,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    primary key (org_id, provider_id)
);

create index own_credentials_by_provider on inference.own_credentials (provider_id);

grant select, insert, update, delete on inference.own_credentials to quoin_app;
