-- People end as organisations do: asked for, taken back by signing in, or, after the grace period, for good. A deleted
-- person keeps the row that audit entries, ledger facts and other organisations' rows name; what it told of them is gone.

alter table accounts.users
    drop constraint users_state_check,
    add constraint users_state_check check (state in ('active', 'suspended', 'deleting', 'deleted')),
    add column deletes_at timestamptz,
    add column deleted_at timestamptz,
    add constraint only_who_is_being_deleted_has_a_date check ((state = 'deleting') = (deletes_at is not null)),
    add constraint only_who_is_deleted_was_deleted check ((state = 'deleted') = (deleted_at is not null)),
    add constraint a_deleted_person_is_a_number check (
        state <> 'deleted' or (name is null and email is null and password_hash is null and totp_secret is null));

create index users_to_delete on accounts.users (deletes_at) where state = 'deleting';

create index keys_of_people on accounts.keys (user_id) where user_id is not null and revoked_at is null;

grant update (deletes_at, deleted_at) on accounts.users to quoin_app;
grant update (ip, user_agent) on accounts.sessions to quoin_app;
