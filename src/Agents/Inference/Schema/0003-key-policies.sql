-- What the gateway holds keys to. A key that replaces another is held to the same, and spends from the same budgets: both
-- are kept by the first key of the line.

create table inference.key_policies (
    org_id uuid not null,
    key_id uuid not null,
    posture text not null check (posture in ('observe', 'soft', 'hard')),
    -- Null is all models.
    models jsonb,
    requests_per_minute integer check (requests_per_minute > 0),
    tokens_per_minute bigint check (tokens_per_minute > 0),
    parallel_max integer check (parallel_max > 0),
    tags jsonb not null,
    session text,
    run text,
    end_user text,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    primary key (org_id, key_id)
);

-- The tokens of keys that are held to so many a minute, written with the settlements. Rows live for minutes.
create table inference.key_minutes (
    org_id uuid not null,
    key_id uuid not null,
    minute timestamptz not null,
    tokens bigint not null check (tokens >= 0),
    primary key (org_id, key_id, minute)
) with (fillfactor = 50);

create index key_minutes_by_time on inference.key_minutes (minute);

grant select, insert, update, delete on inference.key_policies to quoin_app;
grant select, insert, update, delete on inference.key_minutes to quoin_app;
