-- Corrections: somebody asks that a transfer be undone or amended and says why; somebody else decides. What was asked is
-- never changed, and what was decided stays. The rules of two persons and of once only stand here, too.

create table ledger.corrections (
    org_id uuid not null,
    correction_id uuid not null,
    key text collate "C" not null,
    kind text not null check (kind in ('reversal', 'adjustment')),
    original_transfer_id uuid not null,
    billing_account_id uuid not null,
    -- Of an adjustment: its legs as JSON. A reversal takes the original's when it is posted.
    legs text,
    reason text not null check (reason <> ''),
    evidence text not null check (evidence <> ''),
    state text not null check (state in ('requested', 'posted', 'rejected', 'withdrawn')),
    requested_by text not null,
    -- The person behind requested_by, where that is a key somebody made.
    requested_by_origin text not null,
    requested_at timestamptz not null,
    decided_by text,
    decided_by_origin text,
    decided_at timestamptz,
    decision_reason text,
    transfer_id uuid,
    primary key (org_id, correction_id),
    unique (org_id, key),
    constraint adjustments_have_legs check ((kind = 'adjustment') = (legs is not null)),
    constraint decided_by_somebody check (
        (state = 'requested') = (decided_by is null)
        and (state = 'requested') = (decided_by_origin is null)
        and (state = 'requested') = (decided_at is null)
        and (state = 'requested') = (decision_reason is null)),
    constraint posted_with_a_transfer check ((state = 'posted') = (transfer_id is not null)),
    constraint nobody_decides_what_they_asked check (
        state not in ('posted', 'rejected')
        or (decided_by <> requested_by and decided_by_origin <> requested_by_origin)),
    constraint only_who_asked_withdraws check (state <> 'withdrawn' or decided_by_origin = requested_by_origin)
);

-- A transfer has one reversal that is asked for or done.
create unique index corrections_reversing_once on ledger.corrections (org_id, original_transfer_id)
    where kind = 'reversal' and state in ('requested', 'posted');

create index corrections_of_a_transfer on ledger.corrections (org_id, original_transfer_id, correction_id);

create function ledger.keep_what_was_decided() returns trigger language plpgsql as $$
begin
    if old.state <> 'requested'
        or (new.org_id, new.correction_id, new.key, new.kind, new.original_transfer_id, new.billing_account_id, new.reason,
            new.evidence, new.requested_by, new.requested_by_origin, new.requested_at)
        is distinct from (old.org_id, old.correction_id, old.key, old.kind, old.original_transfer_id,
            old.billing_account_id, old.reason, old.evidence, old.requested_by, old.requested_by_origin, old.requested_at)
        or new.legs is distinct from old.legs
    then
        raise exception 'a correction is decided once, and what was asked stays'
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;

create trigger corrections_are_decided_once
    before update on ledger.corrections
    for each row execute function ledger.keep_what_was_decided();

create trigger corrections_are_kept
    before delete or truncate on ledger.corrections
    for each statement execute function ledger.refuse_change();

grant select, insert on ledger.corrections to quoin_app;
grant update (state, decided_by, decided_by_origin, decided_at, decision_reason, transfer_id) on ledger.corrections to quoin_app;
