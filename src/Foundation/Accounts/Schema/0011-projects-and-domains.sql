-- What an organisation divides itself into, and the mail domains it proved to be its own. A billing account may stand for
-- a project, a person or a customer's customer, and may have a parent, who pays for it. A domain belongs to an
-- organisation once a record in the DNS says so; several may prove the same one, for a company may have several.

create table accounts.projects (
    org_id uuid not null references accounts.organisations,
    project_id uuid not null,
    name text not null check (length(name) between 1 and 200),
    slug text not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    created_by text not null,
    created_at timestamptz not null,
    archived_at timestamptz,
    primary key (org_id, project_id),
    unique (org_id, slug)
);

alter table accounts.billing_accounts
    add column project_id uuid,
    add column user_id uuid,
    add column parent_billing_account_id uuid,
    add foreign key (org_id, project_id) references accounts.projects,
    add foreign key (org_id, parent_billing_account_id) references accounts.billing_accounts,
    add constraint stands_for_one_thing check (
        (project_id is null or kind = 'project') and (user_id is null or kind = 'user')),
    add constraint is_not_its_own_parent check (parent_billing_account_id <> billing_account_id);

create table accounts.domains (
    org_id uuid not null references accounts.organisations,
    domain text not null check (domain ~ '^[a-z0-9.-]{3,253}$'),
    proof text not null,
    joining text not null check (joining in ('invited', 'ask', 'viewer')),
    created_by text not null,
    created_at timestamptz not null,
    checked_at timestamptz,
    verified_at timestamptz,
    primary key (org_id, domain)
);

create index domains_verified
    on accounts.domains (domain)
    where verified_at is not null;

create table accounts.join_requests (
    org_id uuid not null references accounts.organisations,
    user_id uuid not null references accounts.users,
    created_at timestamptz not null,
    primary key (org_id, user_id)
);

grant select, insert, update (name, slug, archived_at), delete on accounts.projects to quoin_app;
grant select, insert, update (joining, checked_at, verified_at), delete on accounts.domains to quoin_app;
grant select, insert, delete on accounts.join_requests to quoin_app;
