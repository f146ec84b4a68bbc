using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Has people's own organisations follow them: closing while the person is being deleted, on the same day, and back once
/// they are. Each in a transaction of its own, as it writes the organisation's audit log; what a crash left out, the job
/// makes good.
/// </summary>
internal sealed class PersonalOrganisations(
    NpgsqlDataSource database, OrganisationReader organisations, IAudit audit)
{
    // The owner is who the organisation was made for: the one who has belonged to it longest.
    private const string DifferSql = """
        select o.org_id, u.user_id, u.state = 'deleting', u.deletes_at
        from accounts.users u
        join accounts.members m using (user_id)
        join accounts.organisations o using (org_id)
        where o.kind = 'personal'
            and m.role = 'owner'
            and ((u.state = 'deleting' and o.state = 'active')
                or (u.state = 'active' and o.state = 'deleting'))
            and ($1::uuid is null or u.user_id = $1)
        order by o.org_id
        limit $2
        """;

    private const string TurnSql = """
        update accounts.organisations
        set state = $2, deletes_at = $3
        where org_id = $1
            and kind = 'personal'
            and state = $4
        """;

    /// <summary>Has those of one person follow; of everybody where none is named.</summary>
    public async Task Follow(UserId? only, CancellationToken cancellationToken)
    {
        foreach (var (org, user, isGoing, deletesAt) in await Differing(only, cancellationToken))
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await MemberRows.TakeTurn(transaction, org, cancellationToken);
            await using var turn = transaction.Sql(
                TurnSql,
                org.Value,
                isGoing ? "deleting" : "active",
                isGoing ? deletesAt : null,
                isGoing ? "active" : "deleting");
            if (await turn.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                continue;
            }

            await audit.Record(
                transaction,
                new AuditEntry(
                    org,
                    "system",
                    isGoing ? "organisation.deletion_asked" : "organisation.restored",
                    org.ToString(),
                    "It is a person's own and goes with them",
                    After: AuditState.Of(new { UserId = user, DeletesAt = isGoing ? deletesAt : null })),
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            organisations.Forget(org);
        }
    }

    private async Task<IReadOnlyList<(OrgId Org, UserId User, bool IsGoing, DateTimeOffset? DeletesAt)>> Differing(
        UserId? only, CancellationToken cancellationToken)
    {
        var found = new List<(OrgId, UserId, bool, DateTimeOffset?)>();
        await using var command = database.Sql(DifferSql, only?.Value, Limits.PeopleDeletedAtOnceMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add((
                new OrgId(row.GetGuid(0)),
                new UserId(row.GetGuid(1)),
                row.GetBoolean(2),
                row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3)));
        }

        return found;
    }
}
