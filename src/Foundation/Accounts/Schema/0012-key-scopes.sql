-- What a key may do and on whose behalf: scopes (none kept means all that a key may hold, as for keys made before there
-- were scopes), the project its use belongs to, the service account that owns it, and which key replaces it. A service
-- account is a machine of an organisation: disabling it refuses all its keys.

create table accounts.service_accounts (
    org_id uuid not null references accounts.organisations,
    service_account_id uuid not null,
    name text not null check (length(name) between 1 and 200),
    created_by text not null,
    created_at timestamptz not null,
    disabled_by text,
    disabled_at timestamptz,
    primary key (org_id, service_account_id),
    constraint disabled_by_somebody check ((disabled_at is null) = (disabled_by is null))
);

grant select, insert, update (disabled_by, disabled_at) on accounts.service_accounts to quoin_app;

alter table accounts.keys
    add column scopes text[] check (cardinality(scopes) > 0),
    add column project_id uuid,
    add column service_account_id uuid,
    add column replaces_key_id uuid,
    add column replaced_by_key_id uuid,
    add column retires_at timestamptz check (retires_at >= created_at),
    add constraint operator_keys_have_no_scopes check (
        prefix <> 'qn_op' or (scopes is null and project_id is null and service_account_id is null)),
    add constraint replaced_keys_retire check ((replaced_by_key_id is null) = (retires_at is null)),
    add constraint keys_of_a_service_account
        foreign key (org_id, service_account_id) references accounts.service_accounts;

grant update (replaced_by_key_id, retires_at) on accounts.keys to quoin_app;
