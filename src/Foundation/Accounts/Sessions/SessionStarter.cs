using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Lets somebody in who proved who they are, by whatever method: the only place where sessions begin.
/// <code>
/// var start = await starter.Start(transaction, user, SessionMethod.Oidc, SessionFacts.Of(context), cancellationToken);
/// await transaction.CommitAsync(cancellationToken);
/// return signedIn.Answer(context, start, returnTo);
/// </code>
/// </summary>
internal sealed class SessionStarter(KeepPerson keeping, IAudit audit, IdSource ids, TimeProvider time)
{
    /// <summary>Starts a session, or says what is still owed for one.</summary>
    /// <param name="transaction">The caller's: what was proved is used up in the same one. Recorded in the audit log.</param>
    /// <param name="user">Who proved to be this person.</param>
    /// <param name="method">How.</param>
    /// <param name="facts">From where.</param>
    /// <param name="cancellationToken">Ends the attempt; the transaction is then of no use.</param>
    public async Task<SessionStart> Start(
        NpgsqlTransaction transaction,
        UserId user,
        SessionMethod method,
        SessionFacts facts,
        CancellationToken cancellationToken)
    {
        var person = await Lock(transaction, user, cancellationToken);
        if (person is not (true, var owesSecondFactor))
        {
            return new SessionStart.ShutOut();
        }

        var countsAsBoth = method is SessionMethod.Passkey or SessionMethod.Device;
        return owesSecondFactor && !countsAsBoth
            ? new SessionStart.SecondFactorNeeded(await Owe(transaction, user, method, cancellationToken))
            : new SessionStart.Started(
                await Begin(transaction, user, method, facts, countsAsBoth, cancellationToken));
    }

    // The lock makes a session and the change of a password that ends all sessions wait for each other. Who asked to be
    // deleted may come in until the day, which takes it back.
    private const string LockSql = """
        select u.state = 'active' or (u.state = 'deleting' and u.deletes_at > $2), u.totp_confirmed_at is not null
        from accounts.users u
        where u.user_id = $1
        for share
        """;

    private async Task<(bool MayEnter, bool HasSecondFactor)?> Lock(
        NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockSql, user.Value, Instant.Now(time));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? (row.GetBoolean(0), row.GetBoolean(1))
            : null;
    }

    private const string OweSql = """
        insert into accounts.second_factor_tickets (ticket_id, user_id, method, created_at, expires_at)
        values ($1, $2, $3, $4, $5)
        """;

    private async Task<SecondFactorTicketId> Owe(
        NpgsqlTransaction transaction, UserId user, SessionMethod method, CancellationToken cancellationToken)
    {
        var ticket = ids.Next<SecondFactorTicketId>();
        var now = Instant.Now(time);
        await using var command = transaction.Sql(
            OweSql, ticket.Value, user.Value, StoredWord.Of(method), now, now + Limits.SecondFactorTicketLifetime);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return ticket;
    }

    private const string BeginSql = """
        insert into accounts.sessions (session_id, user_id, method, started_at, last_seen_at, expires_at,
            second_factor_at, ip, user_agent)
        values ($1, $2, $3, $4, $4, $5, $6, $7, $8)
        """;

    // The browser's cookie names the new one from now on: nobody could end the old one from there any more.
    private const string ReplaceSql = """
        update accounts.sessions
        set ended_at = $2
        where session_id = $1
            and ended_at is null
        """;

    /// <summary>Starts a session of somebody who owes nothing (any more).</summary>
    public async Task<SignInSessionId> Begin(
        NpgsqlTransaction transaction,
        UserId user,
        SessionMethod method,
        SessionFacts facts,
        bool withSecondFactor,
        CancellationToken cancellationToken)
    {
        var session = ids.Next<SignInSessionId>();
        var now = Instant.Now(time);
        var expiresAt = now + Limits.SessionLifetime;
        await using (var insert = transaction.Sql(
            BeginSql,
            session.Value,
            user.Value,
            StoredWord.Of(method),
            now,
            expiresAt,
            withSecondFactor ? now : null,
            facts.Ip,
            facts.UserAgent))
        {
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        await keeping.Handle(transaction, user, cancellationToken);
        if (facts.Replaces is { } replaced)
        {
            await using var replace = transaction.Sql(ReplaceSql, replaced.Value, now);
            await replace.ExecuteNonQueryAsync(cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                user.ToString(),
                "session.started",
                session.ToString(),
                After: AuditState.Of(new
                {
                    Method = StoredWord.Of(method),
                    SecondFactor = withSecondFactor,
                    facts.Ip,
                    facts.Replaces,
                    ExpiresAt = expiresAt,
                })),
            cancellationToken);
        return session;
    }
}
