-- What organisations may use: their billing state, the operator's overrides, counters of what was used in a window,
-- and one row for each unit promised, so that a repeated request counts once and a dead one gives its units back.

create table limits.billing_states (
    org_id uuid primary key,
    status text not null check (status in ('trial', 'active', 'past_due', 'canceled')),
    default_plan text not null,
    trial_ends_at timestamptz not null,
    status_since timestamptz not null,
    created_at timestamptz not null
);

create index billing_states_by_trial_end on limits.billing_states (org_id, trial_ends_at) where status = 'trial';

-- A limit of null leaves the plan's, zero is zero.
create table limits.overrides (
    org_id uuid not null,
    code text collate "C" not null,
    limit_quantity numeric check (limit_quantity >= 0),
    enforcement text check (enforcement in ('observe', 'soft', 'hard')),
    set_at timestamptz not null,
    primary key (org_id, code)
);

-- One row is one lock: what is promised in a window is decided under it. A gauge's only window starts in 1970.
create table limits.counters (
    org_id uuid not null,
    code text collate "C" not null,
    window_start timestamptz not null,
    used numeric not null check (used >= 0),
    changed_at timestamptz not null,
    primary key (org_id, code, window_start)
) with (fillfactor = 50);

create table limits.reservations (
    org_id uuid not null,
    key text collate "C" not null,
    code text collate "C" not null,
    window_start timestamptz not null,
    amount numeric not null check (amount > 0),
    used_after numeric not null,
    -- Its usage will come as events: once it has, the promise counts no longer.
    is_metered boolean not null,
    state text not null check (state in ('held', 'recorded', 'released', 'expired')),
    expires_at timestamptz check (state <> 'held' or expires_at is not null),
    recorded_at timestamptz not null,
    ended_at timestamptz check ((ended_at is not null) = (state in ('released', 'expired'))),
    keep_until timestamptz,
    primary key (org_id, key)
) with (fillfactor = 80);

create index reservations_that_expire
    on limits.reservations (org_id, code, window_start, expires_at) where state = 'held';

create index reservations_by_expiry on limits.reservations (expires_at) where state = 'held';

create index reservations_to_forget on limits.reservations (keep_until) where state <> 'held';

-- What was told once: a threshold of a window, an expiring grant.
create table limits.notices (
    org_id uuid not null,
    key text collate "C" not null,
    told_at timestamptz not null,
    primary key (org_id, key)
);

create table limits.balance_alerts (
    org_id uuid not null,
    billing_account_id uuid not null,
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    threshold_micros bigint not null check (threshold_micros > 0),
    is_armed boolean not null,
    changed_at timestamptz not null,
    primary key (org_id, billing_account_id)
);

-- A guarded update that found fewer rows than were locked is a bug: nothing of the flush may stand.
create function limits.require_all_written(written bigint, expected bigint) returns void language plpgsql as $$
begin
    if written <> expected then
        raise exception 'wrote % of % counters', written, expected using errcode = 'integrity_constraint_violation';
    end if;
end
$$;

grant select, insert, update on limits.billing_states to quoin_app;
grant select, insert, update, delete on limits.overrides to quoin_app;
grant select, insert, update on limits.counters to quoin_app;
grant select, insert, update, delete on limits.reservations to quoin_app;
grant select, insert on limits.notices to quoin_app;
grant select, insert, update, delete on limits.balance_alerts to quoin_app;
