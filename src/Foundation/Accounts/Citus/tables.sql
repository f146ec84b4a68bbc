-- Where the tables lie when the database is Citus. What belongs to an organisation is distributed by org_id, so all of one
-- organisation lies together; what all organisations share is small and read-mostly, a reference table on every node:
-- people and how they come in, and rows that are unique over all organisations (a trial, for one person and one mailbox).
-- Of the shared ones, attempts and what is half-done (nonces, states, tickets, ceremonies) are written often; they
-- are small all the same. Reference tables come first, as the others refer to them. Run after every migration; what is
-- placed already is left alone.

-- Row triggers keep the audit log append-only on its shards, too.
set citus.enable_unsafe_triggers = on;

do $$
declare
    shared constant text[] := array[
        'users', 'operators', 'sign_in_links', 'sessions', 'second_factor_tickets', 'email_tokens', 'recovery_codes',
        'sign_ups', 'sign_in_attempts', 'wallets', 'siwe_nonces', 'external_logins', 'oidc_states', 'passkeys',
        'passkey_ceremonies', 'device_codes', 'ssh_keys', 'flags', 'banners', 'trial_claims', 'invited_newcomers'];
    of_organisations constant text[] := array[
        'organisations', 'projects', 'billing_accounts', 'audit_heads', 'audit_log', 'service_accounts', 'keys', 'members',
        'invitations', 'ownership_offers', 'domains', 'join_requests'];
    one text;
begin
    foreach one in array shared loop
        if not exists (select from pg_dist_partition where logicalrelid = ('accounts.' || one)::regclass) then
            perform create_reference_table(('accounts.' || one)::regclass);
        end if;
    end loop;

    foreach one in array of_organisations loop
        if not exists (select from pg_dist_partition where logicalrelid = ('accounts.' || one)::regclass) then
            perform create_distributed_table(('accounts.' || one)::regclass, 'org_id');
        end if;
    end loop;
end
$$;
