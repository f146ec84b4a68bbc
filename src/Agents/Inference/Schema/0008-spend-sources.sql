-- Other gateways, of LiteLLM's make, whose calls are usage here: read page by page. Everything before read_to was read, but
-- for what comes late, which is looked for again a while; window_to and next_page say how far the stretch after it is read,
-- and change in the transaction that records the calls of a page.

create table inference.spend_sources (
    org_id uuid not null,
    name text collate "C" not null,
    shard smallint not null,
    billing_account_id uuid not null,
    base_url text not null,
    credential bytea not null,
    is_enabled boolean not null,
    -- Earlier calls do not count.
    begins_at timestamptz not null,
    read_to timestamptz not null,
    window_to timestamptz,
    next_page integer not null check (next_page > 0),
    next_at timestamptz not null,
    failures integer not null,
    last_error text,
    last_read_at timestamptz,
    recorded_count bigint not null,
    known_count bigint not null,
    refused_count bigint not null,
    last_refusal text,
    -- Counts changes: who read the row before one may write nothing.
    version bigint not null,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    primary key (org_id, name)
);

create index spend_sources_due on inference.spend_sources (shard, next_at) where is_enabled;

grant select, insert, update, delete on inference.spend_sources to quoin_app;
