-- Links to a line's explanation, for people without an account: the row says when one ends, and ends it before.

create table charging.line_shares (
    org_id uuid not null,
    share_id uuid not null,
    line_id uuid not null,
    created_by text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > created_at),
    revoked_at timestamptz,
    primary key (org_id, share_id)
);

create index line_shares_of_line on charging.line_shares (org_id, line_id, share_id);

grant select, insert, update on charging.line_shares to quoin_app;
