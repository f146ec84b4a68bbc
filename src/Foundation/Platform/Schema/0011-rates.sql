-- Rates of every kind in one table: of requests, of which replicas draw a share, and of what is counted one by one, such as
-- attempts to sign in. A row each, changed by one statement; worthless once it is paid off, so what was counted before is
-- not carried over. Keys tell of people and are kept as peppered hashes.

create table platform.rates (
    scope text not null check (length(scope) between 1 and 100),
    key_hash bytea not null check (octet_length(key_hash) = 32),
    -- When all that was drawn is paid off, at the rate allowed; nanoseconds since 1970.
    paid_off_nanos bigint not null,
    -- What the last draw came to.
    drawn bigint not null,
    primary key (scope, key_hash)
) with (fillfactor = 50);

create index rates_paid_off on platform.rates (paid_off_nanos);

drop table platform.request_rates;

grant select, insert, update, delete on platform.rates to quoin_app;
