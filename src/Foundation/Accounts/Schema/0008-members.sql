-- Who belongs to which organisation, and as what. People are shared by all organisations, so a person's memberships are
-- looked up by the person, too: few rows, read at most once a second for each person who is signed in.

create table accounts.members (
    org_id uuid not null references accounts.organisations,
    user_id uuid not null references accounts.users,
    role text not null check (role in ('owner', 'admin', 'finance', 'developer', 'viewer')),
    added_by text not null,
    joined_at timestamptz not null,
    primary key (org_id, user_id)
);

create index members_by_person
    on accounts.members (user_id);

grant select, insert, update (role), delete on accounts.members to quoin_app;
