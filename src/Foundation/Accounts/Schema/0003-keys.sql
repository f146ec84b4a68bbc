-- Keys of organisations and, under the nil uuid as org_id, of the operator. Only a peppered hash of the secret is kept;
-- a presented key is found through the directory by that hash.

create table accounts.keys (
    org_id uuid not null,
    key_id uuid not null,
    secret_hash bytea not null check (octet_length(secret_hash) = 32),
    prefix text not null check (prefix in ('qn_live', 'qn_test', 'qn_op')),
    last_four text not null check (length(last_four) = 4),
    label text not null check (length(label) between 1 and 200),
    roles text[],
    created_by text not null,
    created_at timestamptz not null,
    expires_at timestamptz check (expires_at > created_at),
    revoked_by text,
    revoked_at timestamptz,
    last_used_at timestamptz,
    primary key (org_id, key_id),
    constraint operator_keys_have_roles check (
        (prefix = 'qn_op') = (org_id = '00000000-0000-0000-0000-000000000000')
        and (prefix = 'qn_op') = (roles is not null)),
    constraint revoked_by_somebody check ((revoked_at is null) = (revoked_by is null))
);

grant select, insert, update (revoked_by, revoked_at, last_used_at) on accounts.keys to quoin_app;
