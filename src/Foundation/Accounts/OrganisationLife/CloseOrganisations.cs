using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Closes organisations for good whose grace period is over. What money names stays: the organisation's row, its billing
/// accounts, and the audit log, which is no one's to change. What told of people goes: members, addresses of invitations,
/// names. Nobody can sign in to it, and no key of it works.
/// </summary>
internal sealed class CloseOrganisations(
    NpgsqlDataSource database,
    OrgDirectory directory,
    OrganisationReader organisations,
    MembershipLookup memberships,
    IAudit audit,
    TimeProvider time)
{
    private const string Nameless = "Deleted organisation";

    private const string DueSql = """
        select o.org_id
        from accounts.organisations o
        where o.state = 'deleting'
            and o.deletes_at <= $1
        order by o.deletes_at
        limit $2
        """;

    /// <summary>Closes those that are due.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        var due = new List<OrgId>();
        await using (var command = database.Sql(DueSql, Instant.Now(time), Limits.ClosedAtOnceMax))
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                due.Add(new OrgId(row.GetGuid(0)));
            }
        }

        foreach (var org in due)
        {
            await Close(org, cancellationToken);
        }
    }

    private async Task Close(OrgId org, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await MemberRows.TakeTurn(transaction, org, cancellationToken);
        if (await OrganisationRows.Find(transaction, org, cancellationToken) is not { } before
            || before.State != OrganisationState.Deleting
            || before.DeletesAt > now)
        {
            return;
        }

        if (before.Slug is { } slug)
        {
            await directory.Remove(transaction, DirectoryKinds.Slug, OrgDirectory.HashOf(slug), cancellationToken);
        }

        var left = await Scrub(transaction, org, now, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(org, "system", "organisation.closed", org.ToString()),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        organisations.Forget(org);
        left.ForEach(memberships.Forget);
    }

    private const string RevokeKeysSql = """
        update accounts.keys
        set revoked_by = 'system', revoked_at = $2
        where org_id = $1
            and revoked_at is null
        """;

    private const string CloseSql = """
        update accounts.organisations
        set name = $2, slug = null, state = 'closed', closed_at = $3
        where org_id = $1
        """;

    private const string CloseAccountsSql = """
        update accounts.billing_accounts
        set name = $2, status = 'closed'
        where org_id = $1
        """;

    private const string ForgetInvitationsSql = """
        delete from accounts.invitations
        where org_id = $1
        returning secret_hash
        """;

    private const string ForgetOffersSql = """
        delete from accounts.ownership_offers
        where org_id = $1
        """;

    private const string ForgetDomainsSql = """
        delete from accounts.domains
        where org_id = $1
        """;

    private const string ForgetRequestsSql = """
        delete from accounts.join_requests
        where org_id = $1
        """;

    private const string ForgetMembersSql = """
        delete from accounts.members
        where org_id = $1
        returning user_id
        """;

    private async Task<List<UserId>> Scrub(
        NpgsqlTransaction transaction, OrgId org, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var command in new[]
        {
            transaction.Sql(RevokeKeysSql, org.Value, now),
            transaction.Sql(CloseSql, org.Value, Nameless, now),
            transaction.Sql(CloseAccountsSql, org.Value, Nameless),
            transaction.Sql(ForgetOffersSql, org.Value),
            transaction.Sql(ForgetDomainsSql, org.Value),
            transaction.Sql(ForgetRequestsSql, org.Value),
        })
        {
            await using (command)
            {
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }

        foreach (var hash in await Forget<byte[]>(transaction, ForgetInvitationsSql, org, cancellationToken))
        {
            await directory.Remove(transaction, DirectoryKinds.Invitation, hash, cancellationToken);
        }

        var people = await Forget<Guid>(transaction, ForgetMembersSql, org, cancellationToken);
        return [.. people.Select(person => new UserId(person))];
    }

    private static async Task<List<T>> Forget<T>(
        NpgsqlTransaction transaction, string sql, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(sql, org.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var gone = new List<T>();
        while (await row.ReadAsync(cancellationToken))
        {
            gone.Add(row.GetFieldValue<T>(0));
        }

        return gone;
    }
}
