-- The tenants and who in them is billed. Every organisation has one default billing account from its first moment, so
-- usage that names none always has somewhere to go.

create table accounts.organisations (
    org_id uuid primary key,
    name text not null check (length(name) between 1 and 200),
    slug text check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    mode text not null check (mode in ('live', 'test')),
    created_by text not null,
    created_at timestamptz not null
);

create table accounts.billing_accounts (
    org_id uuid not null references accounts.organisations,
    billing_account_id uuid not null,
    is_default boolean not null,
    kind text not null check (kind in ('organisation', 'project', 'user', 'external')),
    name text not null check (length(name) between 1 and 200),
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    settlement text not null check (settlement in ('prepaid', 'postpaid')),
    status text not null check (status in ('active', 'closed')),
    created_by text not null,
    created_at timestamptz not null,
    primary key (org_id, billing_account_id)
);

create unique index billing_accounts_one_default
    on accounts.billing_accounts (org_id)
    where is_default;

grant select, insert on accounts.organisations to quoin_app;
grant select, insert on accounts.billing_accounts to quoin_app;
