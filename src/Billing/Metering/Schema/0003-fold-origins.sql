-- A correlation id travels from the request to the entry: a fold gathers the events of many requests, each of them a run
-- of places in it. One narrow row a request and organisation, whatever the number of its events, so that ingest stays fast.

create table metering.fold_origins (
    org_id uuid not null,
    fold_id uuid not null,
    first_ordinal integer not null,
    event_count integer not null check (event_count > 0),
    correlation_id text collate "C" not null,
    primary key (org_id, fold_id, first_ordinal)
);

create index fold_origins_by_correlation on metering.fold_origins (org_id, correlation_id, fold_id);

create trigger fold_origins_are_append_only
    before update or delete or truncate on metering.fold_origins
    for each statement execute function metering.refuse_change();

grant select, insert on metering.fold_origins to quoin_app;
