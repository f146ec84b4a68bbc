-- Events are facts and stay; what is wrong with one is said by another row. An event is amended once: taken back, or taken
-- back and replaced by an event of its own, which can be amended in turn.

create table metering.amendments (
    org_id uuid not null,
    event_fold_id uuid not null,
    event_ordinal integer not null,
    kind text not null check (kind in ('void', 'correct')),
    reason text not null,
    actor text not null,
    -- The fold that takes the event's usage back: lines name it.
    fold_id uuid not null,
    replacement_fold_id uuid,
    replacement_ordinal integer,
    recorded_at timestamptz not null,
    primary key (org_id, event_fold_id, event_ordinal),
    unique (org_id, fold_id),
    check ((kind = 'correct') = (replacement_fold_id is not null)),
    check ((replacement_fold_id is null) = (replacement_ordinal is null))
);

create unique index amendments_by_replacement on metering.amendments (org_id, replacement_fold_id, replacement_ordinal)
    where replacement_fold_id is not null;

create trigger amendments_are_append_only
    before update or delete or truncate on metering.amendments
    for each statement execute function metering.refuse_change();

grant select, insert on metering.amendments to quoin_app;
