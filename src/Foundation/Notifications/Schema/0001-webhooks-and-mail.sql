-- What organisations are told: a message once per (topic, key), its deliveries to their webhook endpoints with every
-- attempt, and its mails. Tenant tables all.

create table notifications.webhook_endpoints (
    org_id uuid not null,
    endpoint_id uuid not null,
    url text not null,
    description text,
    -- '*' stands for every topic, those of later releases too.
    topics text[] not null check (cardinality(topics) > 0),
    state text collate "C" not null check (state in ('enabled', 'disabled', 'deleted')),
    disabled_reason text collate "C" check (disabled_reason in ('by_request', 'gone', 'failing')),
    disabled_at timestamptz,
    -- Encrypted. While a secret is being replaced both sign.
    secret bytea not null,
    previous_secret bytea,
    previous_secret_until timestamptz,
    -- Since when no attempt has succeeded; null after a success.
    failing_since timestamptz,
    -- The last attempt failed or was slow: such receivers share a part of the places, so that others are not held up.
    is_suspect boolean not null default false,
    -- When something for it is due; null when nothing waits. Whoever delivers holds the lease on the whole endpoint.
    next_due_at timestamptz,
    lease_version bigint not null default 0,
    leased_until timestamptz,
    created_by text collate "C" not null,
    created_at timestamptz not null,
    primary key (org_id, endpoint_id),
    check ((state = 'disabled') = (disabled_reason is not null)),
    check ((previous_secret is null) = (previous_secret_until is null))
);

create index webhook_endpoints_by_due
    on notifications.webhook_endpoints (next_due_at)
    where state = 'enabled' and next_due_at is not null;

create table notifications.messages (
    org_id uuid not null,
    message_id uuid not null,
    topic text collate "C" not null,
    key text collate "C" not null,
    -- What is sent, letter by letter: it is signed, so every attempt sends the same.
    body text not null,
    created_at timestamptz not null,
    primary key (org_id, message_id),
    unique (org_id, topic, key)
);

create index messages_of_org_by_time on notifications.messages (org_id, created_at);
create index messages_by_time on notifications.messages (created_at);

create table notifications.deliveries (
    org_id uuid not null,
    delivery_id uuid not null,
    endpoint_id uuid not null,
    message_id uuid not null,
    state text collate "C" not null check (state in ('waiting', 'delivered', 'dead')),
    attempts integer not null default 0,
    -- Attempts since it was made or replayed: where it stands in the schedule.
    tries integer not null default 0,
    due_at timestamptz not null,
    last_status integer,
    last_error text,
    created_at timestamptz not null,
    finished_at timestamptz,
    primary key (org_id, delivery_id),
    unique (org_id, endpoint_id, message_id),
    check ((state = 'waiting') = (finished_at is null))
);

create index deliveries_waiting
    on notifications.deliveries (org_id, endpoint_id, due_at)
    where state = 'waiting';
create index deliveries_by_message on notifications.deliveries (org_id, message_id);

create table notifications.delivery_attempts (
    org_id uuid not null,
    delivery_id uuid not null,
    number integer not null,
    started_at timestamptz not null,
    duration_ms integer not null,
    status integer,
    error text,
    -- The first characters of the answer.
    answer text,
    primary key (org_id, delivery_id, number)
);

create table notifications.mail_recipients (
    org_id uuid not null,
    address text collate "C" not null,
    topics text[] not null check (cardinality(topics) > 0),
    created_by text collate "C" not null,
    created_at timestamptz not null,
    primary key (org_id, address)
);

create table notifications.mails (
    org_id uuid not null,
    mail_id uuid not null,
    message_id uuid not null,
    address text collate "C" not null,
    subject text not null,
    body text not null,
    -- 'uncertain': whoever sent it died meanwhile; a second mail would be worse than a missing one.
    state text collate "C" not null check (state in ('waiting', 'sending', 'sent', 'dead', 'uncertain')),
    attempts integer not null default 0,
    due_at timestamptz not null,
    last_error text,
    created_at timestamptz not null,
    finished_at timestamptz,
    primary key (org_id, mail_id),
    unique (org_id, message_id, address)
);

create index mails_by_due on notifications.mails (due_at) where state in ('waiting', 'sending');
create index mails_by_address on notifications.mails (org_id, address, created_at);

grant select, insert, update on notifications.webhook_endpoints to quoin_app;
grant select, insert, delete on notifications.messages to quoin_app;
grant select, insert, update, delete on notifications.deliveries to quoin_app;
grant select, insert, delete on notifications.delivery_attempts to quoin_app;
grant select, insert, update, delete on notifications.mail_recipients to quoin_app;
grant select, insert, update, delete on notifications.mails to quoin_app;
