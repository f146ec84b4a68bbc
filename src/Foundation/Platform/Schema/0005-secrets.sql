-- Keys at rest: one per purpose, wrapped with the master key, which is never here; and the Data Protection ring, so
-- that any replica reads any cookie, its keys encrypted with the purpose key of its own.

create table platform.wrapped_keys (
    purpose text collate "C" not null,
    version integer not null,
    -- Which master key wraps it: the first bytes of that key's hash.
    master_key_id text not null,
    wrapped bytea not null,
    created_at timestamptz not null,
    primary key (purpose, version)
);

create table platform.data_protection_keys (
    name text collate "C" primary key,
    xml text not null,
    created_at timestamptz not null
);

grant select, insert, update on platform.wrapped_keys to quoin_app;
grant select, insert on platform.data_protection_keys to quoin_app;
