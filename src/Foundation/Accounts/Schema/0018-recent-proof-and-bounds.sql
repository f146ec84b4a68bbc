-- What matters most is changed only by somebody who proved lately who they are: a session knows when that was; where it
-- says nothing, when it began. Impersonations that run out are found by their end, to be recorded. An invitation's link
-- admits one newcomer who comes without an address: a wallet has none, and a link can be passed on.

alter table accounts.sessions
    add column proved_at timestamptz;

create index sessions_with_impersonation
    on accounts.sessions (impersonation_expires_at)
    where impersonated_user_id is not null;

create table accounts.invited_newcomers (
    secret_hash bytea primary key check (octet_length(secret_hash) = 32),
    user_id uuid not null references accounts.users,
    came_at timestamptz not null
);

grant update (proved_at) on accounts.sessions to quoin_app;
grant select, insert on accounts.invited_newcomers to quoin_app;
