-- Organisations of one person and of several, and how they end: asked for, restored or, after the grace period, closed for
-- good. A closed one keeps its row, for money names it; what it knew of people is gone.

alter table accounts.organisations
    add column kind text not null default 'team' check (kind in ('personal', 'team')),
    add column state text not null default 'active' check (state in ('active', 'deleting', 'closed')),
    add column deletes_at timestamptz,
    add column closed_at timestamptz,
    add constraint only_what_is_being_deleted_has_a_date check ((state = 'active') = (deletes_at is null)),
    add constraint only_what_is_closed_was_closed check ((state = 'closed') = (closed_at is not null));

create index organisations_to_close
    on accounts.organisations (deletes_at)
    where state = 'deleting';

grant update (name, slug, state, deletes_at, closed_at, created_by) on accounts.organisations to quoin_app;
grant update (name, status) on accounts.billing_accounts to quoin_app;
