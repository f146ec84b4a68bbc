-- A program asks for a key and shows a code; a person who is signed in enters the code, sees what is asked and approves
-- or denies it (RFC 8628). The key is made when the program fetches it, so no secret waits anywhere. Keys of people are
-- refused once the person leaves the organisation or is shut out.

alter table accounts.keys
    add column user_id uuid references accounts.users,
    add constraint keys_of_people_have_scopes check (
        user_id is null or (prefix <> 'qn_op' and scopes is not null and service_account_id is null));

create table accounts.device_codes (
    device_code_id uuid primary key,
    secret_hash bytea not null unique check (octet_length(secret_hash) = 32),
    user_code text not null unique check (user_code ~ '^[BCDFGHJKLMNPQRSTVWXZ]{8}$'),
    client text not null check (length(client) between 1 and 200),
    scopes text[] not null check (cardinality(scopes) > 0),
    ip text,
    created_at timestamptz not null,
    expires_at timestamptz not null check (expires_at > created_at),
    interval_seconds integer not null check (interval_seconds between 1 and 900),
    polled_at timestamptz,
    state text not null check (state in ('pending', 'approved', 'denied', 'used')),
    user_id uuid references accounts.users,
    org_id uuid,
    decided_at timestamptz,
    constraint decided_by_somebody check ((state = 'pending') = (decided_at is null)),
    constraint approved_for_an_organisation check (
        state not in ('approved', 'used') or (user_id is not null and org_id is not null))
);

create index device_codes_by_creation on accounts.device_codes (created_at);

create index device_codes_by_age on accounts.device_codes (expires_at);

grant select, insert, delete, update (interval_seconds, polled_at, state, user_id, org_id, decided_at, scopes)
    on accounts.device_codes to quoin_app;
