-- A trial is unique over all organisations, for a person and for a mailbox, so its table is shared by all of them; such a
-- table cannot refer to organisations where those are spread over nodes. Who claims one has found the organisation.

alter table accounts.trial_claims
    drop constraint trial_claims_org_id_fkey;
