using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A session, whose it is and how long it lasts.</summary>
internal sealed class KnownSession
{
    private readonly DateTimeOffset expiresAt;
    private int isUseNoted;
    private readonly DateTimeOffset? endedAt;

    /// <param name="user">The person signed in.</param>
    /// <param name="expiresAt">Until when.</param>
    /// <param name="endedAt">When they left; null while they have not.</param>
    /// <param name="roles">Their roles as one of the operator's people; null for everybody else.</param>
    public KnownSession(
        UserId user, DateTimeOffset expiresAt, DateTimeOffset? endedAt, IReadOnlyList<string>? roles)
    {
        (User, this.expiresAt, this.endedAt) = (user, expiresAt, endedAt);
        AsOperator = roles is null
            ? null
            : new CallerOutcome.Known(new Caller(
                Realm.Operator,
                user.ToString(),
                null,
                OperatorRole.PermissionsOf(roles).Append(Permission.ProfileManage).ToHashSet()));
    }

    public UserId User { get; }

    /// <summary>In whose stead the operator acts, if they do; null otherwise.</summary>
    public ImpersonationProfile? Impersonation { get; init; }

    /// <summary>The answer to an operator who names no organisation; null for everybody else.</summary>
    public CallerOutcome.Known? AsOperator { get; }

    /// <summary>True for the first who asks, so that a busy session is noted once per reading of it.</summary>
    public bool ClaimUse() => Volatile.Read(ref isUseNoted) == 0 && Interlocked.Exchange(ref isUseNoted, 1) == 0;

    public bool IsGoodAt(DateTimeOffset now) => endedAt is null && now < expiresAt;
}

/// <summary>Finds sessions, in memory where they were read less than a second ago.</summary>
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

    // Who was shut out has no session, however long its cookie lasts. Who is no operator any more acts as everybody else
    // from the next reading on.
    private const string ReadSql = """
        select s.session_id, s.user_id, s.expires_at, s.ended_at, o.roles, s.impersonated_user_id,
            s.impersonated_org_id, s.impersonation_expires_at
        from accounts.sessions s
        join accounts.users u using (user_id)
        left join accounts.operators o using (user_id)
        where s.session_id = any($1)
            and u.state = 'active'
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
                    row.IsDBNull(4) ? null : row.GetFieldValue<string[]>(4))
                {
                    Impersonation = row.IsDBNull(5)
                        ? null
                        : new ImpersonationProfile(
                            new UserId(row.GetGuid(5)),
                            new OrgId(row.GetGuid(6)),
                            row.GetFieldValue<DateTimeOffset>(7)),
                });
        }

        return found;
    }
}
