-- What is looked up without knowing its organisation: hashes of keys, sessions, invitations, provider ids. Written in
-- the transaction of the row it leads to. Coordinator table: the way in, before an organisation is known.

create table platform.directory (
    kind text collate "C" not null,
    key_hash bytea not null check (octet_length(key_hash) = 32),
    org_id uuid not null,
    row_id uuid not null,
    primary key (kind, key_hash)
);

grant select, insert, delete on platform.directory to quoin_app;
