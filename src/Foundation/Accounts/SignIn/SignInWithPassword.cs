using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Every way signing in with a password can end, in the order they are checked.</summary>
internal abstract record PasswordSignInOutcome
{
    private PasswordSignInOutcome()
    {
    }

    /// <summary>Too often in vain with this address; the same for addresses nobody has.</summary>
    public sealed record TooMany(TimeSpan Wait) : PasswordSignInOutcome;

    /// <summary>The address, the password, or both are not right; nobody is told which.</summary>
    public sealed record Wrong : PasswordSignInOutcome;

    /// <summary>They proved who they are.</summary>
    public sealed record Right(SessionStart Start) : PasswordSignInOutcome;
}

/// <summary>
/// Signs in with an address and a password. An address that nobody has costs the same work and gets the same answers.
/// </summary>
internal sealed class SignInWithPassword(
    NpgsqlDataSource database,
    Attempts attempts,
    PasswordHashing hashing,
    SessionStarter starter,
    AccountsMetrics metrics)
{
    private const string FindSql = """
        select user_id, password_hash
        from accounts.users
        where email_folded = $1
        """;

    /// <summary>Signs in.</summary>
    /// <param name="email">The address as written.</param>
    /// <param name="password">The password.</param>
    /// <param name="facts">What the session's list shows.</param>
    /// <param name="cancellationToken">Ends the attempt; it counts as failed.</param>
    public async Task<PasswordSignInOutcome> Handle(
        string email, string password, SessionFacts facts, CancellationToken cancellationToken)
    {
        var folded = EmailAddress.Folded(email);
        if (await attempts.Begin(Attempts.Password, folded, cancellationToken) is { } wait)
        {
            metrics.Refused(AccountsProblems.TooManyAttempts.Code);
            return new PasswordSignInOutcome.TooMany(wait);
        }

        var (user, kept) = await Find(folded, cancellationToken);
        var verdict = await hashing.Verify(kept, password, cancellationToken);
        if (verdict == PasswordVerdict.Wrong || user is not { } person)
        {
            metrics.Refused("wrong_password");
            return new PasswordSignInOutcome.Wrong();
        }

        var stronger = verdict == PasswordVerdict.RightButWeak
            ? await hashing.Hash(password, cancellationToken)
            : null;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await IsStill(transaction, person, kept!, stronger, cancellationToken))
        {
            return new PasswordSignInOutcome.Wrong();
        }

        await attempts.Forgive(transaction, Attempts.Password, folded, cancellationToken);
        var start = await starter.Start(transaction, person, SessionMethod.Password, facts, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new PasswordSignInOutcome.Right(start);
    }

    private async Task<(UserId? User, string? PasswordHash)> Find(string folded, CancellationToken cancellationToken)
    {
        if (EmailAddress.Problem(folded) is not null)
        {
            return (null, null);
        }

        await using var command = database.Sql(FindSql, folded);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? (new UserId(row.GetGuid(0)), row.IsDBNull(1) ? null : row.GetString(1))
            : (null, null);
    }

    // Hashing took its time: a password that was changed meanwhile does not let anyone in. The lock holds off a change
    // until the session is there to be ended by it.
    private const string StillSql = """
        update accounts.users
        set password_hash = coalesce($3, password_hash)
        where user_id = $1
            and password_hash = $2
        """;

    private static async Task<bool> IsStill(
        NpgsqlTransaction transaction,
        UserId user,
        string kept,
        string? stronger,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(StillSql, user.Value, kept, stronger);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
