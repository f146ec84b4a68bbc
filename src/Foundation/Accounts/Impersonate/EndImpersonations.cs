using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Ends impersonations, and records each end once: whoever clears the session's row, under its lock, writes the entry in
/// the same transaction. Those that nobody stops are ended here after their time, or after their session's.
/// </summary>
internal sealed class EndImpersonations(NpgsqlDataSource database, SessionLookup sessions, IAudit audit, TimeProvider time)
{
    private const string DueSql = """
        select session_id
        from accounts.sessions
        where impersonated_user_id is not null
            and (impersonation_expires_at <= $1 or ended_at is not null)
        order by impersonation_expires_at
        limit $2
        """;

    /// <summary>Ends those that are over, some at once.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        var due = new List<SignInSessionId>();
        await using (var command = database.Sql(DueSql, Instant.Now(time), Limits.ImpersonationsEndedAtOnceMax))
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                due.Add(new SignInSessionId(row.GetGuid(0)));
            }
        }

        foreach (var session in due)
        {
            await End(session, "system", cancellationToken);
        }
    }

    private const string LockSql = """
        select user_id, impersonated_user_id, impersonated_org_id
        from accounts.sessions
        where session_id = $1
            and impersonated_user_id is not null
        for update
        """;

    private const string ClearSql = """
        update accounts.sessions
        set impersonated_user_id = null, impersonated_org_id = null, impersonation_reason = null,
            impersonation_expires_at = null
        where session_id = $1
        """;

    /// <summary>Ends one.</summary>
    /// <param name="session">The operator's session.</param>
    /// <param name="actor">Who ends it; null for the operator themselves.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    /// <returns>False where it acts in nobody's stead (any more).</returns>
    public async Task<bool> End(SignInSessionId session, string? actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        UserId by, user;
        OrgId org;
        await using (var command = transaction.Sql(LockSql, session.Value))
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            if (!await row.ReadAsync(cancellationToken))
            {
                return false;
            }

            (by, user, org) = (new UserId(row.GetGuid(0)), new UserId(row.GetGuid(1)), new OrgId(row.GetGuid(2)));
        }

        await using (var clear = transaction.Sql(ClearSql, session.Value))
        {
            await clear.ExecuteNonQueryAsync(cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor ?? by.ToString(),
                "impersonation.ended",
                user.ToString(),
                Before: AuditState.Of(new { OperatorId = by })),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        sessions.Forget(session);
        return true;
    }
}
