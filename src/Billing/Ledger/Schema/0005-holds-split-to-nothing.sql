-- What is split off a hold, or given back while it is open, is no longer its amount; of a hold that was split until nothing is
-- left, nothing is. Rows that were more than nothing are at least that: they need not be looked at again.

alter table ledger.holds
    drop constraint holds_amount_micros_check,
    add constraint holds_amount_micros_check check (amount_micros >= 0) not valid;
