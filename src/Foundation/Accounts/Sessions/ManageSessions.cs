using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A person's sessions: listed, and ended.</summary>
internal sealed class ManageSessions(
    NpgsqlDataSource database, EndSessions ending, IAudit audit, TimeProvider time)
{
    private const string ListSql = """
        select session_id, method, second_factor_at, ip, user_agent, started_at, coalesce(last_seen_at, started_at),
            expires_at
        from accounts.sessions
        where user_id = $1
            and ended_at is null
            and expires_at > $2
        order by coalesce(last_seen_at, started_at) desc, session_id desc
        limit $3
        """;

    /// <summary>Those that have not ended, the last used first; at most <see cref="Limits.SessionsListedMax"/>.</summary>
    public async Task<IReadOnlyList<SessionProfile>> List(
        UserId user, SignInSessionId? present, CancellationToken cancellationToken)
    {
        var found = new List<SessionProfile>();
        await using var command = database.Sql(ListSql, user.Value, Instant.Now(time), Limits.SessionsListedMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var id = new SignInSessionId(row.GetGuid(0));
            found.Add(new SessionProfile(
                id,
                id == present,
                row.GetString(1),
                row.IsDBNull(2) ? null : row.GetFieldValue<DateTimeOffset>(2),
                row.IsDBNull(3) ? null : row.GetString(3),
                row.IsDBNull(4) ? null : row.GetString(4),
                row.GetFieldValue<DateTimeOffset>(5),
                row.GetFieldValue<DateTimeOffset>(6),
                row.GetFieldValue<DateTimeOffset>(7)));
        }

        return found;
    }

    /// <summary>Ends sessions of a person.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="only">The one to end; null for all.</param>
    /// <param name="except">The one to leave; null for none.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    /// <returns>How many ended.</returns>
    public async Task<int> End(
        UserId user, SignInSessionId? only, SignInSessionId? except, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var ended = await ending.Handle(transaction, user, only, except, cancellationToken);
        if (ended.Count == 0)
        {
            return 0;
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                user.ToString(),
                ended is [_] ? "session.ended" : "sessions.ended",
                ended is [var one] ? one.ToString() : user.ToString(),
                After: AuditState.Of(new { SessionsEnded = ended })),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        ending.Forget(ended);
        return ended.Count;
    }
}
