-- Where the time of a call went: until it was admitted, until the provider that answered was asked, and until that one began
-- to respond, beside the first byte and the end; and who was asked before and failed. Calls of older releases have none.

alter table inference.requests
    add column admitted_micros bigint,
    add column asked_micros bigint,
    add column responded_micros bigint,
    -- Null is none, which is nearly all.
    add column failed_attempts jsonb;
