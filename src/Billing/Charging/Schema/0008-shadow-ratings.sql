-- Shadow ratings: what usage would have cost at other prices. Reading never writes; what came out is written here by
-- transactions of their own, an organisation at a time, so that another replica goes on where one stopped.

create table charging.shadow_ratings (
    shadow_id uuid primary key,
    name text not null,
    from_at timestamptz not null,
    to_at timestamptz not null check (to_at > from_at),
    price_book_id uuid not null,
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    prices jsonb not null,
    -- Null: everybody, up to a number.
    organisations uuid[],
    state text not null check (state in ('running', 'finished')),
    is_truncated boolean not null default false,
    at_org uuid,
    organisation_count integer not null default 0,
    line_count bigint not null default 0,
    started_by text not null,
    started_at timestamptz not null,
    finished_at timestamptz
) with (fillfactor = 70);

create table charging.shadow_rating_customers (
    org_id uuid not null,
    shadow_id uuid not null,
    billing_account_id uuid not null,
    existing_micros bigint not null,
    candidate_micros bigint not null,
    line_count bigint not null,
    -- Lines no candidate prices, or not as these do; their existing amount counts on both sides.
    unchanged_count bigint not null,
    primary key (org_id, shadow_id, billing_account_id)
);

create index shadow_rating_customers_of_rating on charging.shadow_rating_customers (shadow_id, org_id);

grant select, insert, update on charging.shadow_ratings to quoin_app;
grant select, insert on charging.shadow_rating_customers to quoin_app;
