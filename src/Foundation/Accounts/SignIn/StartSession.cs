using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Trades a sign-in link for a session, and ends sessions.</summary>
internal sealed class StartSession(
    NpgsqlDataSource database,
    SecretHasher hasher,
    SessionLookup sessions,
    SessionStarter starter,
    IAudit audit,
    TimeProvider time)
{
    private const string LookSql = """
        select u.email, l.used_at is not null, l.expires_at
        from accounts.sign_in_links l
        join accounts.users u using (user_id)
        where l.secret_hash = $1
        """;

    /// <summary>Looks at a link without using it up.</summary>
    public async Task<SignInLink> Look(string token, CancellationToken cancellationToken)
    {
        if (!SecretText.IsWellFormed(SecretText.SignInToken, token))
        {
            return new SignInLink.Unknown();
        }

        await using var command = database.Sql(LookSql, hasher.Hash(token).ToBytes());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return new SignInLink.Unknown();
        }

        if (row.GetBoolean(1))
        {
            return new SignInLink.Used();
        }

        return row.GetFieldValue<DateTimeOffset>(2) <= time.GetUtcNow()
            ? new SignInLink.Expired()
            : new SignInLink.Good(row.GetString(0));
    }

    // Of two who come with the same link, the second waits for the first and then finds it used.
    private const string UseSql = """
        update accounts.sign_in_links
        set used_at = $2
        where secret_hash = $1
            and used_at is null
            and expires_at > $2
        returning user_id
        """;

    /// <summary>Uses a link up.</summary>
    /// <returns>What came of it; null when the link does not work (any more).</returns>
    public async Task<SessionStart?> Use(string token, SessionFacts facts, CancellationToken cancellationToken)
    {
        if (!SecretText.IsWellFormed(SecretText.SignInToken, token))
        {
            return null;
        }

        var now = Instant.Now(time);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await UseUp(transaction, token, now, cancellationToken) is not { } user)
        {
            return null;
        }

        var start = await starter.Start(transaction, user, SessionMethod.Link, facts, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return start;
    }

    private async Task<UserId?> UseUp(
        NpgsqlTransaction transaction, string token, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(UseSql, hasher.Hash(token).ToBytes(), now);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid user ? new UserId(user) : null;
    }

    private const string EndSql = """
        update accounts.sessions
        set ended_at = $2
        where session_id = $1
            and ended_at is null
        returning user_id
        """;

    /// <summary>Ends a session; nothing happens to one that has ended.</summary>
    public async Task End(SignInSessionId session, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var end = transaction.Sql(EndSql, session.Value, Instant.Now(time)))
        {
            if (await end.ExecuteScalarAsync(cancellationToken) is not Guid user)
            {
                return;
            }

            await audit.Record(
                transaction,
                new AuditEntry(null, new UserId(user).ToString(), "session.ended", session.ToString()),
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        sessions.Forget(session);
    }
}
