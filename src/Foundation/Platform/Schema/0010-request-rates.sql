-- How many requests an organisation, or a machine of the operator, may still send: one row each, changed by replicas that
-- draw a share for themselves. Small, and worthless once it is paid off.

create table platform.request_rates (
    requester text primary key check (length(requester) between 1 and 100),
    -- When all that was drawn is paid off, at the rate allowed; nanoseconds since 1970.
    paid_off_nanos bigint not null,
    -- What the last draw came to.
    drawn bigint not null
) with (fillfactor = 50);

create index request_rates_paid_off on platform.request_rates (paid_off_nanos);

grant select, insert, update, delete on platform.request_rates to quoin_app;
