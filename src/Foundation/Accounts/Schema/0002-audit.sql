-- Who did what, why, and what changed: one hash chain per organisation and one for the platform, whose org_id is the
-- nil uuid. The head row serialises a chain; each entry's hash covers the one before it, so a changed, removed or
-- inserted row shows when the chain is recomputed.

create table accounts.audit_heads (
    org_id uuid primary key,
    sequence bigint not null check (sequence > 0),
    hash bytea not null check (octet_length(hash) = 32)
) with (fillfactor = 70);

-- before_state and after_state are json, not jsonb: the hash covers the text as it was written.
create table accounts.audit_log (
    org_id uuid not null,
    sequence bigint not null check (sequence > 0),
    recorded_at timestamptz not null,
    actor text not null,
    action text not null,
    subject text not null,
    reason text,
    before_state json,
    after_state json,
    hash bytea not null check (octet_length(hash) = 32),
    primary key (org_id, sequence)
);

create function accounts.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name
        using errcode = 'integrity_constraint_violation';
end
$$;

create trigger audit_log_is_append_only
    before update or delete or truncate on accounts.audit_log
    for each statement execute function accounts.refuse_change();

create trigger audit_heads_are_kept
    before delete or truncate on accounts.audit_heads
    for each statement execute function accounts.refuse_change();

grant select, insert on accounts.audit_log to quoin_app;
grant select, insert, update on accounts.audit_heads to quoin_app;
