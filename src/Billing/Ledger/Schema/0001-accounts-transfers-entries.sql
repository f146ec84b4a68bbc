-- The books: a chart of accounts per organisation and billing account, transfers that say what happened, and their
-- entries. Append tables carry no foreign keys: the writer's checks, the zero-sum trigger and verification prove them.

create table ledger.accounts (
    org_id uuid not null,
    account_id uuid not null,
    billing_account_id uuid not null,
    kind text not null,
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    balance_micros bigint not null default 0,
    entry_count bigint not null default 0,
    created_at timestamptz not null,
    primary key (org_id, account_id),
    unique (org_id, billing_account_id, kind, currency),
    -- A customer's credit is strict, whatever the code above it believes.
    constraint grants_are_never_negative check (kind <> 'grants' or balance_micros >= 0)
) with (fillfactor = 70);

create table ledger.transfers (
    org_id uuid not null,
    transfer_id uuid not null,
    billing_account_id uuid not null,
    key text collate "C" not null,
    body_hash uuid not null,
    kind text not null,
    reference text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    primary key (org_id, transfer_id),
    unique (org_id, key)
);

create table ledger.entries (
    org_id uuid not null,
    transfer_id uuid not null,
    ordinal smallint not null,
    account_id uuid not null,
    account_sequence bigint not null,
    currency text not null,
    amount_micros bigint not null check (amount_micros <> 0),
    balance_after_micros bigint not null,
    primary key (org_id, transfer_id, ordinal),
    unique (org_id, account_id, account_sequence)
);

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: correct it with a new transfer', tg_table_name
        using errcode = 'integrity_constraint_violation';
end
$$;

create trigger transfers_are_append_only
    before update or delete or truncate on ledger.transfers
    for each statement execute function ledger.refuse_change();

create trigger entries_are_append_only
    before update or delete or truncate on ledger.entries
    for each statement execute function ledger.refuse_change();

-- Entries of one transfer are always inserted by one statement, so a statement that does not sum to zero is a bug.
create function ledger.require_zero_sum() returns trigger language plpgsql as $$
begin
    if exists (
        select 1
        from added
        group by org_id, transfer_id, currency
        having sum(amount_micros) <> 0
    ) then
        raise exception 'a transfer must sum to zero in each currency'
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;

create trigger entries_sum_to_zero
    after insert on ledger.entries
    referencing new table as added
    for each statement execute function ledger.require_zero_sum();

grant select, insert, update on ledger.accounts to quoin_app;
grant select, insert on ledger.transfers to quoin_app;
grant select, insert on ledger.entries to quoin_app;
