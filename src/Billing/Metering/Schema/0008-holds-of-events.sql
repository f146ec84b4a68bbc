-- An event may name the ledger's hold that was made for it; the posting of its usage releases it. Events that do are
-- folded apart from others, so a fold names holds for all of its events or for none. What a fold names waits in
-- fold_holds until the last of the fold's usage is taken for rating.

alter table metering.events add column hold_id uuid;

-- Tells who takes a fold whether there is anything to look for.
alter table metering.unrated_folds add column names_holds boolean not null default false;

create table metering.fold_holds (
    org_id uuid not null,
    fold_id uuid not null,
    hold_id uuid not null,
    billing_account_id uuid not null,
    primary key (org_id, fold_id, hold_id)
) with (
    -- A queue, as unrated_folds is.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);

-- Claiming rows with "for update" needs the right to update them.
grant select, insert, update, delete on metering.fold_holds to quoin_app;
