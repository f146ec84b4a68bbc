-- The books of an organisation get one row that every change locks: it carries the head of the hash chain, so that
-- transfers stand in one provable order, and it is the only lock, so that nothing in one organisation can deadlock.
-- Credit becomes grants: each is an account of its own, with terms. Holds reserve, grant by grant.

create table ledger.books (
    org_id uuid primary key,
    transfer_count bigint not null,
    last_transfer_id uuid not null,
    last_recorded_at timestamptz not null,
    head_hash bytea not null check (octet_length(head_hash) = 32),
    changed_by uuid not null
) with (fillfactor = 50);

grant select, insert, update on ledger.books to quoin_app;

-- Under the lock nobody else can change books; a flush that finds otherwise ends here, with all it wrote.
create function ledger.require_all_written(what text, written bigint, wanted bigint) returns void language plpgsql as $$
begin
    if written <> wanted then
        raise exception '% of % rows of % are not as they were locked', wanted - written, wanted, what
            using errcode = 'integrity_constraint_violation';
    end if;
end
$$;

-- ---- accounts ----------------------------------------------------------------------------------------------------

alter table ledger.accounts
    drop constraint accounts_org_id_billing_account_id_kind_currency_key,
    drop constraint grants_are_never_negative,
    drop column entry_count,
    add column held_micros bigint not null default 0,
    -- What usage was paid from here and was not given back: a return goes to where its money came from.
    add column spent_micros bigint not null default 0,
    -- The transfer that was last paid from here: returns go to the last one first.
    add column spent_at_count bigint not null default 0,
    -- How far below zero a hold may plan to bring the account; null is without limit.
    add column credit_limit_micros bigint default 0 check (credit_limit_micros >= 0);

update ledger.accounts set credit_limit_micros = null where kind = 'receivable';

alter table ledger.accounts
    -- A customer's credit is strict, whatever the code above it believes: neither spent twice nor spent while held.
    add constraint credit_is_never_overspent check (kind <> 'grants' or (balance_micros >= held_micros and held_micros >= 0)),
    add constraint held_is_never_negative check (held_micros >= 0);

-- One account of each kind in a chart; as many grants as there are.
create unique index accounts_of_a_chart on ledger.accounts (org_id, billing_account_id, currency, kind) where kind <> 'grants';

-- ---- grants: the terms of an account of kind grants --------------------------------------------------------------

create table ledger.grants (
    org_id uuid not null,
    grant_id uuid not null,
    billing_account_id uuid not null,
    currency text not null,
    source text not null,
    priority smallint not null,
    granted_micros bigint not null check (granted_micros > 0),
    -- Null: for usage of any time before it, too.
    effective_at timestamptz,
    expires_at timestamptz check (expires_at > effective_at),
    scopes text[] not null,
    reference text not null,
    created_at timestamptz not null,
    -- open: may be spent or hold something; exhausted: nothing left for now, a return opens it again.
    state text not null check (state in ('open', 'exhausted', 'expired', 'voided')),
    -- Whether it is still to take effect.
    waits boolean not null,
    -- When it takes effect, or what is left of it is moved away.
    due_at timestamptz,
    voided_at timestamptz,
    ended_at timestamptz,
    primary key (org_id, grant_id)
) with (fillfactor = 70);

create index grants_of_a_chart on ledger.grants (org_id, billing_account_id, currency, state, grant_id);

create index grants_by_due_time on ledger.grants (due_at, org_id) where state = 'open' and due_at is not null;

grant select, insert, update on ledger.grants to quoin_app;

-- Credit posted before there were grants: one grant a chart, open, for ever.
insert into ledger.grants
    (org_id, grant_id, billing_account_id, currency, source, priority, granted_micros, effective_at, expires_at, scopes,
    reference, created_at, state, waits)
select a.org_id, a.account_id, a.billing_account_id, a.currency, 'purchased', 50,
    greatest(1, (select sum(e.amount_micros) from ledger.entries e
        where e.org_id = a.org_id and e.account_id = a.account_id and e.amount_micros > 0)::bigint),
    null, null, '{}', 'credit before grants', a.created_at,
    case when a.balance_micros > 0 then 'open' else 'exhausted' end, false
from ledger.accounts a
where a.kind = 'grants';

-- ---- holds --------------------------------------------------------------------------------------------------------

create table ledger.holds (
    org_id uuid not null,
    hold_id uuid not null,
    billing_account_id uuid not null,
    currency text not null,
    key text collate "C" not null,
    body_hash uuid not null,
    terms text not null check (terms in ('prepaid', 'postpaid')),
    overrun text not null check (overrun in ('allow_negative', 'cap')),
    reference text not null,
    amount_micros bigint not null check (amount_micros > 0),
    captured_micros bigint not null check (captured_micros >= 0),
    -- What is still reserved, account by account, in the order it will be spent.
    account_ids uuid[] not null,
    part_micros bigint[] not null check (cardinality(part_micros) = cardinality(account_ids)),
    state text not null check (state in ('open', 'captured', 'released', 'expired')),
    expires_at timestamptz not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    primary key (org_id, hold_id),
    unique (org_id, key)
) with (fillfactor = 70);

create index holds_by_expiry on ledger.holds (org_id, expires_at) where state = 'open';

grant select, insert, update on ledger.holds to quoin_app;

-- ---- transfers and entries ----------------------------------------------------------------------------------------

alter table ledger.transfers
    add column chain_count bigint not null default 0,
    add column chain_hash bytea not null default '\x',
    add column reverses_transfer_id uuid,
    add column metadata text;

-- A transfer is reversed once.
create unique index transfers_reversing on ledger.transfers (org_id, reverses_transfer_id) where reverses_transfer_id is not null;

alter table ledger.entries
    drop constraint entries_org_id_account_id_account_sequence_key,
    drop column account_sequence;

-- An account's entries in order: its statement, and its balance at any instant.
create unique index entries_of_an_account on ledger.entries (org_id, account_id, transfer_id, ordinal);

-- The hash of a transfer, from the one before it. The program computes the same bytes; this is the second opinion.
create function ledger.chain_hash_of(previous bytea, wanted_org uuid, wanted_transfer uuid) returns bytea
language sql stable as $$
    select sha256(
        '\x01'::bytea || previous || uuid_send(t.org_id) || int8send(t.chain_count) || uuid_send(t.transfer_id)
        || uuid_send(t.billing_account_id)
        || int8send((extract(epoch from t.occurred_at) * 1000000)::bigint)
        || int8send((extract(epoch from t.recorded_at) * 1000000)::bigint)
        || uuid_send(coalesce(t.reverses_transfer_id, '00000000-0000-0000-0000-000000000000'))
        || uuid_send(t.body_hash)
        || int4send(octet_length(convert_to(t.kind, 'UTF8'))) || convert_to(t.kind, 'UTF8')
        || int4send(octet_length(convert_to(t.key, 'UTF8'))) || convert_to(t.key, 'UTF8')
        || int4send(octet_length(convert_to(t.reference, 'UTF8'))) || convert_to(t.reference, 'UTF8')
        || int4send(coalesce(octet_length(convert_to(t.metadata, 'UTF8')), 0)) || convert_to(coalesce(t.metadata, ''), 'UTF8')
        || coalesce((
            select string_agg(
                int2send(e.ordinal) || uuid_send(e.account_id)
                || int4send(octet_length(convert_to(a.kind, 'UTF8'))) || convert_to(a.kind, 'UTF8')
                || int4send(octet_length(convert_to(e.currency, 'UTF8'))) || convert_to(e.currency, 'UTF8')
                || int8send(e.amount_micros) || int8send(e.balance_after_micros),
                ''::bytea order by e.ordinal)
            from ledger.entries e
            join ledger.accounts a on a.org_id = e.org_id and a.account_id = e.account_id
            where e.org_id = t.org_id and e.transfer_id = t.transfer_id), ''::bytea))
    from ledger.transfers t
    where t.org_id = wanted_org and t.transfer_id = wanted_transfer
$$;

-- What was posted before there was a chain is chained now, in the order of its ids.
do $$
declare
    one record;
    current_org uuid;
    count_so_far bigint;
    head bytea;
begin
    alter table ledger.transfers disable trigger transfers_are_append_only;
    for one in select org_id, transfer_id, recorded_at from ledger.transfers order by org_id, transfer_id loop
        if current_org is distinct from one.org_id then
            current_org := one.org_id;
            count_so_far := 0;
            head := sha256(uuid_send(one.org_id));
        end if;
        count_so_far := count_so_far + 1;
        update ledger.transfers set chain_count = count_so_far where org_id = one.org_id and transfer_id = one.transfer_id;
        head := ledger.chain_hash_of(head, one.org_id, one.transfer_id);
        update ledger.transfers set chain_hash = head where org_id = one.org_id and transfer_id = one.transfer_id;
        insert into ledger.books (org_id, transfer_count, last_transfer_id, last_recorded_at, head_hash, changed_by)
        values (one.org_id, count_so_far, one.transfer_id, one.recorded_at, head, one.transfer_id)
        on conflict (org_id) do update
        set transfer_count = excluded.transfer_count,
            last_transfer_id = excluded.last_transfer_id,
            last_recorded_at = greatest(ledger.books.last_recorded_at, excluded.last_recorded_at),
            head_hash = excluded.head_hash,
            changed_by = excluded.changed_by;
    end loop;
    alter table ledger.transfers enable trigger transfers_are_append_only;
end
$$;

alter table ledger.transfers
    alter column chain_count drop default,
    alter column chain_hash drop default,
    add constraint chain_hash_is_sha256 check (octet_length(chain_hash) = 32);
