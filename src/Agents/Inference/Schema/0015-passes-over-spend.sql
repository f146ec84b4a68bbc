-- Calls of another gateway are read in several passes, each of which reads every stretch of time once: the first to read_to, and
-- those that trail it, for calls that are written down late, to the instants of trailing_to. What is read by one pass or by
-- many costs the same each minute, however busy the other gateway is.

alter table inference.spend_sources
    -- In the order of the passes; null where a release before them made the row: then from begins_at.
    add column trailing_to timestamptz[],
    -- Which pass the stretch to window_to is of, and when its first page was asked for.
    add column window_pass smallint not null default 0 check (window_pass >= 0),
    add column window_begun_at timestamptz,
    add column late_count bigint not null default 0;

update inference.spend_sources
set trailing_to = array[
    greatest(begins_at, read_to - interval '3 minutes'),
    greatest(begins_at, read_to - interval '30 minutes'),
    greatest(begins_at, read_to - interval '36 hours')];

-- Up to when an address was read by a source that is gone, or reads another address now: its calls were charged, and who reads
-- the address next begins there. A source that comes back under its own name knows its calls by their ids.

create table inference.ended_spend_sources (
    address text collate "C" not null,
    org_id uuid not null,
    name text collate "C" not null,
    read_to timestamptz not null,
    ended_at timestamptz not null,
    primary key (address, org_id, name)
);

grant select, insert, update on inference.ended_spend_sources to quoin_app;
