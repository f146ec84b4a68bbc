-- The clocks of test-mode organisations, which can be set and advanced. No row: the organisation is live, and its clock
-- is the system's. A tenant table.

create table platform.organisation_clocks (
    org_id uuid primary key,
    -- How far ahead of the system clock it runs, in units of 100 nanoseconds; negative when behind.
    offset_ticks bigint not null default 0,
    -- Where it stands while it is being advanced from one due instant to the next; null while it runs.
    stands_at timestamptz,
    -- Once moved it only goes forward.
    was_moved boolean not null default false
);

grant select, insert, update, delete on platform.organisation_clocks to quoin_app;
