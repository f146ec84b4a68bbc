-- Mails to people with what is theirs alone: links that prove an address or set a new password. The text is encrypted and
-- removed once a mail server has it. Mails about no organisation have the nil uuid.

create table notifications.sealed_mails (
    org_id uuid not null,
    mail_id uuid not null,
    address text collate "C" not null,
    subject text not null,
    purpose text collate "C" not null,
    -- Null once the mail was handed over or given up.
    sealed_text bytea,
    -- 'kept': there is no mail server; it lies in the folder and in the console's outbox.
    state text collate "C" not null check (state in ('waiting', 'sending', 'sent', 'kept', 'dead', 'uncertain')),
    attempts integer not null default 0,
    due_at timestamptz not null,
    last_error text,
    created_at timestamptz not null,
    finished_at timestamptz,
    primary key (org_id, mail_id),
    constraint only_mails_to_be_read_have_text check (sealed_text is null or state in ('waiting', 'sending', 'kept'))
);

create index sealed_mails_by_due on notifications.sealed_mails (due_at) where state in ('waiting', 'sending');
create index sealed_mails_by_time on notifications.sealed_mails (created_at);

grant select, insert, update, delete on notifications.sealed_mails to quoin_app;
