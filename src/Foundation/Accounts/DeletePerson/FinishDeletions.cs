using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Deletes people for good whose grace period is over: they leave every organisation, their devices' keys are revoked, and
/// what told of them goes. Their row stays as a number, for what names it: money, audit logs and others' rows.
/// </summary>
internal sealed class FinishDeletions(
    NpgsqlDataSource database,
    PersonalOrganisations personal,
    MembershipLookup memberships,
    IAudit audit,
    IMails mails,
    TimeProvider time,
    ILogger<FinishDeletions> logger)
{
    private const string DueSql = """
        select user_id
        from accounts.users
        where state = 'deleting'
            and deletes_at <= $1
        order by deletes_at
        limit $2
        """;

    /// <summary>Has personal organisations follow their people, and finishes those who are due, some at once.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        await personal.Follow(only: null, cancellationToken);
        foreach (var due in await Ids(
            database.Sql(DueSql, Instant.Now(time), Limits.PeopleDeletedAtOnceMax), cancellationToken))
        {
            await Finish(new UserId(due), cancellationToken);
        }
    }

    private const string PlacesSql = """
        select m.org_id
        from accounts.members m
        join accounts.organisations o using (org_id)
        where m.user_id = $1
            and o.kind = 'team'
        union
        select k.org_id
        from accounts.keys k
        where k.user_id = $1
            and k.revoked_at is null
        """;

    private async Task Finish(UserId user, CancellationToken cancellationToken)
    {
        foreach (var place in await Ids(database.Sql(PlacesSql, user.Value), cancellationToken))
        {
            if (!await Leave(new OrgId(place), user, cancellationToken))
            {
                Log.DeletionWaits(logger, user.ToString(), new OrgId(place).ToString());
                return;
            }
        }

        await Scrub(user, cancellationToken);
        memberships.Forget(user);
    }

    // Somebody else may have stopped being an owner since it was asked for: an organisation keeps one, whoever goes.
    private async Task<bool> Leave(OrgId org, UserId user, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await MemberRows.TakeTurn(transaction, org, cancellationToken) is not null
            && await MemberRows.Find(transaction, org, user, cancellationToken) is { } member)
        {
            if (member.Role == MemberRole.Owner
                && await MemberRows.Owners(transaction, org, user, cancellationToken) == 1)
            {
                return false;
            }

            await MemberRows.Delete(transaction, org, user, cancellationToken);
            await OwnershipOffers.WithdrawAllOf(transaction, org, user, cancellationToken);
            await audit.Record(
                transaction,
                new AuditEntry(
                    org,
                    "system",
                    "member.left",
                    user.ToString(),
                    "The person's account was deleted",
                    AuditState.Of(new { member.Id, member.Role })),
                cancellationToken);
        }

        await RevokeKeys(transaction, org, user, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private const string RevokeSql = """
        update accounts.keys
        set revoked_by = 'system', revoked_at = $3
        where org_id = $1
            and user_id = $2
            and revoked_at is null
        returning key_id
        """;

    private async Task RevokeKeys(
        NpgsqlTransaction transaction, OrgId org, UserId user, CancellationToken cancellationToken)
    {
        var keys = await Ids(transaction.Sql(RevokeSql, org.Value, user.Value, Instant.Now(time)), cancellationToken);
        foreach (var key in keys)
        {
            await audit.Record(
                transaction,
                new AuditEntry(
                    org, "system", "key.revoked", new KeyId(key).ToString(), "The person's account was deleted"),
                cancellationToken);
        }
    }

    // Its personal organisation closes on the same day, by a job of its own; until then the person still belongs there.
    private const string LockSql = """
        select u.email
        from accounts.users u
        where u.user_id = $1
            and u.state = 'deleting'
            and u.deletes_at <= $2
            and not exists (select from accounts.members m where m.user_id = u.user_id)
        for update of u
        """;

    private const string ScrubSql = """
        update accounts.users
        set state = 'deleted', deletes_at = null, deleted_at = $2, name = null, email = null, email_folded = null,
            email_verified_at = null, password_hash = null, password_changed_at = null, totp_secret = null,
            totp_confirmed_at = null, totp_last_step = null
        where user_id = $1
        """;

    // Whole rows that are of no use to anybody else.
    private static readonly string[] Forgotten =
    [
        "delete from accounts.passkeys where user_id = $1",
        "delete from accounts.passkey_ceremonies where user_id = $1",
        "delete from accounts.wallets where user_id = $1",
        "delete from accounts.siwe_nonces where user_id = $1",
        "delete from accounts.external_logins where user_id = $1",
        "delete from accounts.oidc_states where user_id = $1",
        "delete from accounts.ssh_keys where user_id = $1",
        "delete from accounts.recovery_codes where user_id = $1",
        "delete from accounts.second_factor_tickets where user_id = $1",
        "delete from accounts.email_tokens where user_id = $1",
        "delete from accounts.device_codes where user_id = $1",
        "delete from accounts.join_requests where user_id = $1",
        "update accounts.sessions set ip = null, user_agent = null where user_id = $1",
    ];

    private static readonly string[] ForgottenByAddress =
    [
        "delete from accounts.sign_ups where lower(email) = $1",
        "delete from accounts.invitations where email_folded = $1 and state <> 'pending'",
    ];

    private async Task Scrub(UserId user, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        string? email;
        await using (var locking = transaction.Sql(LockSql, user.Value, now))
        {
            await using var row = await locking.ExecuteReaderAsync(cancellationToken);
            if (!await row.ReadAsync(cancellationToken))
            {
                return;
            }

            email = row.IsDBNull(0) ? null : row.GetString(0);
        }

        foreach (var sql in Forgotten)
        {
            await Do(transaction.Sql(sql, user.Value), cancellationToken);
        }

        if (email is not null)
        {
            foreach (var sql in ForgottenByAddress)
            {
                await Do(transaction.Sql(sql, EmailAddress.Folded(email)), cancellationToken);
            }

            await mails.Send(transaction, PeopleMails.Deleted(email), cancellationToken);
        }

        await Do(transaction.Sql(ScrubSql, user.Value, now), cancellationToken);
        await audit.Record(
            transaction, new AuditEntry(null, "system", "user.deleted", user.ToString()), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        mails.Hint();
    }

    private static async Task Do(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using (command)
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task<IReadOnlyList<Guid>> Ids(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var found = new List<Guid>();
        await using var statement = command;
        await using var row = await statement.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add(row.GetGuid(0));
        }

        return found;
    }
}
