-- Who does which background work at the moment. A lease is taken for a while, renewed, and given back; its version
-- rises with each new holder, so that one who lost it without noticing can be told apart (a fencing number).
-- Coordinator tables: they belong to no organisation.

create table platform.leases (
    name text collate "C" primary key,
    owner text,
    lease_version bigint not null default 0,
    expires_at timestamptz not null
) with (fillfactor = 50);

-- The replicas that want a share of a group of leases; who stops renewing is no longer counted.
create table platform.lease_members (
    group_name text collate "C" not null,
    member text collate "C" not null,
    expires_at timestamptz not null,
    primary key (group_name, member)
) with (fillfactor = 50);

grant select, insert, update, delete on platform.leases, platform.lease_members to quoin_app;
