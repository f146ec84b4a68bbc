using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A session and what it allows.</summary>
internal sealed class KnownSession(
    UserId user, DateTimeOffset expiresAt, DateTimeOffset? endedAt, IReadOnlyList<string> roles)
{
    /// <summary>The answer while the session is good and no organisation is named.</summary>
    public CallerOutcome.Known Accepted { get; } =
        new(new Caller(Realm.Operator, user.ToString(), null, OperatorRole.PermissionsOf(roles)));

    public bool IsGoodAt(DateTimeOffset now) => endedAt is null && now < expiresAt;
}

/// <summary>Finds sessions of operators, in memory where they were read less than a second ago.</summary>
internal sealed class SessionLookup
{
    private readonly NpgsqlDataSource database;
    private readonly FreshCache<SignInSessionId, KnownSession> sessions;

    public SessionLookup(NpgsqlDataSource database, TimeProvider time)
    {
        this.database = database;
        sessions = new(Query, Limits.SessionsRememberedMax, time);
    }

    public ValueTask<KnownSession?> Find(SignInSessionId id, CancellationToken cancellationToken) =>
        sessions.Find(id, cancellationToken);

    /// <summary>Reads it anew next time: after ending it here.</summary>
    public void Forget(SignInSessionId id) => sessions.Forget(id);

    // Who is no operator any more has no session, however long its cookie lasts.
    private const string ReadSql = """
        select s.session_id, s.user_id, s.expires_at, s.ended_at, o.roles
        from accounts.sessions s
        join accounts.operators o using (user_id)
        where s.session_id = any($1)
        """;

    private async Task<IReadOnlyDictionary<SignInSessionId, KnownSession>> Query(
        IReadOnlyList<SignInSessionId> ids, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ReadSql, ids.Select(id => id.Value).ToArray());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<SignInSessionId, KnownSession>(ids.Count);
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add(
                new SignInSessionId(row.GetGuid(0)),
                new KnownSession(
                    new UserId(row.GetGuid(1)),
                    row.GetFieldValue<DateTimeOffset>(2),
                    row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3),
                    row.GetFieldValue<string[]>(4)));
        }

        return found;
    }
}
