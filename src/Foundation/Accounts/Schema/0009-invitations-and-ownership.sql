-- How people come to belong to an organisation, and how an owner hands it over. At most one invitation waits for an
-- address; inviting it again renews that one. Only the peppered hash of the mailed token is kept, and the directory
-- leads from it to the row. An offer of ownership waits for the person it is made to, one at a time.

create table accounts.invitations (
    org_id uuid not null references accounts.organisations,
    invitation_id uuid not null,
    email text not null check (length(email) between 3 and 254),
    email_folded text not null,
    role text not null check (role in ('owner', 'admin', 'finance', 'developer', 'viewer')),
    secret_hash bytea not null check (octet_length(secret_hash) = 32),
    state text not null check (state in ('pending', 'accepted', 'revoked')),
    invited_by text not null,
    created_at timestamptz not null,
    sent_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > sent_at),
    decided_by text,
    decided_at timestamptz,
    primary key (org_id, invitation_id),
    constraint decided_by_somebody check (
        (state = 'pending') = (decided_at is null) and (decided_at is null) = (decided_by is null))
);

create unique index invitations_one_pending
    on accounts.invitations (org_id, email_folded)
    where state = 'pending';

create table accounts.ownership_offers (
    org_id uuid primary key references accounts.organisations,
    from_user_id uuid not null references accounts.users,
    to_user_id uuid not null references accounts.users,
    created_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > created_at),
    check (from_user_id <> to_user_id)
);

grant select, insert, update, delete on accounts.invitations to quoin_app;
grant select, insert, update, delete on accounts.ownership_offers to quoin_app;
