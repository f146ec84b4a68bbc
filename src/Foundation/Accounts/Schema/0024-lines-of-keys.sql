-- Keys that replace each other are one line, known by its first key: what the line is held to is kept by that one, however
-- often keys were replaced since. A key knows it from the moment it is made.

alter table accounts.keys add column first_key_id uuid;

with recursive line as (
    select k.org_id, k.key_id, k.key_id as first_key_id
    from accounts.keys k
    where k.replaces_key_id is null
    union all
    select newer.org_id, newer.key_id, line.first_key_id
    from line
    join accounts.keys newer on newer.org_id = line.org_id and newer.replaces_key_id = line.key_id
)
update accounts.keys k
set first_key_id = line.first_key_id
from line
where k.org_id = line.org_id
    and k.key_id = line.key_id;

alter table accounts.keys
    alter column first_key_id set not null,
    add constraint first_keys_replace_none check ((first_key_id = key_id) = (replaces_key_id is null));

-- The keys of a line, and those of them that work.
create index keys_of_lines on accounts.keys (org_id, first_key_id);

-- The release before does not write it. The table is named by its own number: on Citus that is the shard with all keys of
-- the organisation, which may look at itself and at nothing else.
create function accounts.know_first_key() returns trigger language plpgsql as $$
begin
    if new.replaces_key_id is null then
        new.first_key_id := new.key_id;
    else
        execute format('select first_key_id from %s where org_id = $1 and key_id = $2', tg_relid::regclass)
            into new.first_key_id
            using new.org_id, new.replaces_key_id;
    end if;
    return new;
end
$$;

set local citus.enable_unsafe_triggers = on;

create trigger keys_know_their_first
    before insert on accounts.keys
    for each row when (new.first_key_id is null) execute function accounts.know_first_key();
