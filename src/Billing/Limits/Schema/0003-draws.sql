-- What busy callers draw on an allowance: a reservation that was made ahead for many requests like theirs. The allowance
-- counts in budgets and is held in the ledger; a draw is the record, made before anything is used, that somebody uses a
-- part of it now. Its row goes as it is settled, given back, or becomes a reservation of its own.

create table limits.spend_draws (
    org_id uuid not null,
    key text collate "C" not null,
    -- The key of the reservation it is a part of.
    allowance text collate "C" not null,
    amount_micros bigint not null,
    reference text not null,
    details text,
    -- By the organisation's clock, and by the system's.
    drawn_at timestamptz not null,
    reserved_at timestamptz not null,
    primary key (org_id, key)
) with (
    -- Rows live for as long as a call does.
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_cost_delay = 0
);

grant select, insert, delete on limits.spend_draws to quoin_app;
