-- Work to do later, and news to tell: written in the transaction that causes them, done at least once.
-- Coordinator tables: an organisation is named where there is one, but nothing is divided by it.

create table platform.jobs (
    job_id bigint generated always as identity primary key,
    name text collate "C" not null,
    unique_key text collate "C",
    order_key text collate "C",
    org_id uuid,
    payload jsonb not null,
    -- The news to deliver, where the job is a delivery.
    message_id uuid,
    correlation_id text,
    state text not null check (state in ('waiting', 'running', 'dead')),
    -- When somebody should look at it: to begin a waiting job, or to take over a running one.
    due_at timestamptz not null,
    attempts integer not null default 0,
    lease_version bigint not null default 0,
    leased_by text,
    -- Asked for again while it ran: it starts over when it ends.
    is_wanted_again boolean not null default false,
    last_error text,
    enqueued_at timestamptz not null
) with (fillfactor = 70);

create unique index jobs_by_key on platform.jobs (name, unique_key) where unique_key is not null;
create index jobs_by_due on platform.jobs (due_at, job_id) where state <> 'dead';
create index jobs_by_order on platform.jobs (name, order_key, job_id) where order_key is not null and state <> 'dead';
create index jobs_by_message on platform.jobs (message_id) where message_id is not null;
create index jobs_dead on platform.jobs (name, job_id) where state = 'dead';

-- News as told. Each subscriber's delivery is a job of its own, so no watermark can skip a late commit.
create table platform.outbox (
    message_id uuid primary key,
    topic text collate "C" not null,
    org_id uuid,
    key text collate "C" not null,
    payload jsonb not null,
    correlation_id text,
    published_at timestamptz not null
);

create index outbox_by_age on platform.outbox (published_at);

-- Who wants what, known to every replica of every release: one that does not know a subscriber yet still makes its
-- deliveries. A release that gives a subscriber up deletes its row here in a migration.
create table platform.outbox_subscriptions (
    topic text collate "C" not null,
    subscriber text collate "C" not null,
    primary key (topic, subscriber)
);

grant select, insert, update, delete on platform.jobs to quoin_app;
grant select, insert, delete on platform.outbox to quoin_app;
grant select, insert on platform.outbox_subscriptions to quoin_app;
