using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Ends sessions of a person, whoever asks: the one place that does.</summary>
internal sealed class EndSessions(SessionLookup sessions, TimeProvider time)
{
    // Sessions that are being started hold a lock on the person, so none slips through.
    private const string EndSql = """
        update accounts.sessions
        set ended_at = $4
        where user_id = $1
            and ended_at is null
            and expires_at > $4
            and ($2::uuid is null or session_id = $2)
            and ($3::uuid is null or session_id <> $3)
        returning session_id
        """;

    /// <summary>Ends them in the caller's transaction.</summary>
    /// <param name="transaction">The caller's.</param>
    /// <param name="user">Whose.</param>
    /// <param name="only">The one to end; null for all.</param>
    /// <param name="except">The one to leave; null for none.</param>
    /// <param name="cancellationToken">Ends the attempt; the transaction is then of no use.</param>
    /// <returns>Those that ended; give them to <see cref="Forget"/> after the commit.</returns>
    public async Task<IReadOnlyList<SignInSessionId>> Handle(
        NpgsqlTransaction transaction,
        UserId user,
        SignInSessionId? only,
        SignInSessionId? except,
        CancellationToken cancellationToken)
    {
        var ended = new List<SignInSessionId>();
        await using var end = transaction.Sql(EndSql, user.Value, only?.Value, except?.Value, Instant.Now(time));
        await using var row = await end.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            ended.Add(new SignInSessionId(row.GetGuid(0)));
        }

        return ended;
    }

    /// <summary>After the commit: this replica believes none of them any more.</summary>
    public void Forget(IReadOnlyList<SignInSessionId> ended)
    {
        foreach (var session in ended)
        {
            sessions.Forget(session);
        }
    }
}
