-- A clock that is moved far passes many due instants: whoever waits wants to see how far it has come, and a move that
-- was broken off is finished by asking again. So a move's target and its steps are kept beside the clock.

alter table platform.organisation_clocks
    -- Where the latest move wants to go; null once it has arrived.
    add column moving_to timestamptz,
    -- How many due instants the latest move has run.
    add column move_steps integer not null default 0;
