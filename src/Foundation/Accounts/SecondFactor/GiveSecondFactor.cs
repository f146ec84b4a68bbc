using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Every way giving a second factor can end, in the order they are checked.</summary>
internal abstract record GiveSecondFactorOutcome
{
    private GiveSecondFactorOutcome()
    {
    }

    /// <summary>It took too long, or the session has begun already: sign in again.</summary>
    public sealed record SignInAgain : GiveSecondFactorOutcome;

    /// <summary>Too many wrong codes.</summary>
    public sealed record TooMany(TimeSpan Wait) : GiveSecondFactorOutcome;

    /// <summary>The code is not right, or was used before.</summary>
    public sealed record WrongCode : GiveSecondFactorOutcome;

    /// <summary>They are in.</summary>
    public sealed record Done(SessionStart Start) : GiveSecondFactorOutcome;
}

/// <summary>Turns the ticket of somebody who owes a second factor into a session.</summary>
internal sealed class GiveSecondFactor(
    NpgsqlDataSource database, SecondFactors factors, SessionStarter starter, TimeProvider time)
{
    private const string FindSql = """
        select t.user_id, t.method
        from accounts.second_factor_tickets t
        join accounts.users u using (user_id)
        where t.ticket_id = $1
            and t.used_at is null
            and t.expires_at > $2
            and (u.state = 'active' or (u.state = 'deleting' and u.deletes_at > $2))
            and (u.password_changed_at is null or u.password_changed_at <= t.created_at or t.method <> 'password')
        for update of t
        """;

    private const string UseSql = "update accounts.second_factor_tickets set used_at = $2 where ticket_id = $1";

    /// <summary>Whether a ticket can still become a session.</summary>
    public async Task<bool> IsGood(SecondFactorTicketId ticket, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        return await Find(transaction, ticket, cancellationToken) is not null;
    }

    /// <summary>Gives a code of the app, or a recovery code.</summary>
    public async Task<GiveSecondFactorOutcome> Handle(
        SecondFactorTicketId ticket, string code, SessionFacts facts, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Find(transaction, ticket, cancellationToken) is not (var user, var method))
        {
            return new GiveSecondFactorOutcome.SignInAgain();
        }

        switch (await factors.Check(transaction, user, code, isConfirmed: true, cancellationToken))
        {
            case CodeVerdict.TooMany(var wait):
                return new GiveSecondFactorOutcome.TooMany(wait);
            case CodeVerdict.NotSetUp:
                return new GiveSecondFactorOutcome.SignInAgain();
            case CodeVerdict.Wrong:
                return new GiveSecondFactorOutcome.WrongCode();
        }

        var session = await Redeem(transaction, ticket, user, method, facts, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new GiveSecondFactorOutcome.Done(session);
    }

    /// <summary>
    /// Turns a ticket into a session once a second factor was proved, in the transaction that proved it: also for other
    /// second factors than codes.
    /// </summary>
    public async Task<SessionStart> Redeem(
        NpgsqlTransaction transaction,
        SecondFactorTicketId ticket,
        UserId user,
        SessionMethod method,
        SessionFacts facts,
        CancellationToken cancellationToken)
    {
        await using (var use = transaction.Sql(UseSql, ticket.Value, Instant.Now(time)))
        {
            await use.ExecuteNonQueryAsync(cancellationToken);
        }

        return new SessionStart.Started(
            await starter.Begin(transaction, user, method, facts, withSecondFactor: true, cancellationToken));
    }

    /// <summary>Who owes a second factor with a ticket, locked; null where it cannot become a session.</summary>
    public async Task<(UserId User, SessionMethod Method)?> Find(
        NpgsqlTransaction transaction, SecondFactorTicketId ticket, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(FindSql, ticket.Value, Instant.Now(time));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? (new UserId(row.GetGuid(0)), StoredWord.Read<SessionMethod>(row.GetString(1)))
            : null;
    }
}
