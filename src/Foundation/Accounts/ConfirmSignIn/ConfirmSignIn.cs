using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>With what somebody who is signed in can prove once more that it is them.</summary>
/// <param name="Password">Their password does.</param>
/// <param name="Code">A code of their second factor does; then a password alone does not.</param>
/// <param name="Passkey">A passkey of theirs does.</param>
internal sealed record ConfirmationWays(bool Password, bool Code, bool Passkey);

/// <summary>Every way proving it once more can end, in the order they are checked.</summary>
internal abstract record ConfirmSignInOutcome
{
    private ConfirmSignInOutcome()
    {
    }

    /// <summary>They have neither a password nor a second factor: they sign in again the way they do.</summary>
    public sealed record SignInAgain : ConfirmSignInOutcome;

    /// <summary>Too many wrong ones.</summary>
    public sealed record TooMany(TimeSpan Wait) : ConfirmSignInOutcome;

    /// <summary>What was given is not right.</summary>
    /// <param name="Member">Which member: <c>password</c> or <c>code</c>.</param>
    /// <param name="Problem">Why, to be put behind its name.</param>
    public sealed record Wrong(string Member, string Problem) : ConfirmSignInOutcome;

    /// <summary>It is them, for the next ten minutes.</summary>
    public sealed record Confirmed : ConfirmSignInOutcome;
}

/// <summary>
/// Lets somebody who is signed in prove once more that it is them, as strongly as when they sign in: who has a second
/// factor gives a code of it or a passkey, everybody else their password.
/// </summary>
internal sealed class ConfirmSignIn(
    NpgsqlDataSource database,
    Attempts attempts,
    PasswordHashing hashing,
    SecondFactors factors,
    SessionCookie cookie,
    IAudit audit,
    TimeProvider time)
{
    private const string WaysSql = """
        select u.password_hash, u.email_folded, u.totp_confirmed_at is not null,
            exists (select from accounts.passkeys p where p.user_id = u.user_id)
        from accounts.users u
        where u.user_id = $1
        """;

    /// <summary>With what somebody can.</summary>
    public async Task<ConfirmationWays> Ways(UserId user, CancellationToken cancellationToken) =>
        (await Read(user, cancellationToken)).Ways;

    /// <summary>Proves it with a password or a code.</summary>
    public async Task<ConfirmSignInOutcome> Handle(
        HttpContext context, UserId user, string? password, string? code, CancellationToken cancellationToken)
    {
        var (ways, kept, key) = await Read(user, cancellationToken);
        return ways switch
        {
            { Code: true } when string.IsNullOrEmpty(code) => new ConfirmSignInOutcome.Wrong("code", "is missing"),
            { Code: true } => await ByCode(context, user, code, cancellationToken),
            { Password: true } when string.IsNullOrEmpty(password) =>
                new ConfirmSignInOutcome.Wrong("password", "is missing"),
            { Password: true } => await ByPassword(context, user, password, kept!, key, cancellationToken),
            _ => new ConfirmSignInOutcome.SignInAgain(),
        };
    }

    private const string RenewSql = """
        update accounts.sessions
        set proved_at = $3, second_factor_at = case when $4 then $3 else second_factor_at end
        where session_id = $1
            and user_id = $2
            and ended_at is null
            and expires_at > $3
        """;

    /// <summary>Notes in the caller's transaction that it is them, with the session the request came with.</summary>
    /// <returns>False where that one has ended.</returns>
    public async Task<bool> Renew(
        NpgsqlTransaction transaction,
        HttpContext context,
        UserId user,
        string method,
        bool withSecondFactor,
        CancellationToken cancellationToken)
    {
        if (cookie.Read(context.Request) is not { } session)
        {
            return false;
        }

        await using (var renew = transaction.Sql(
            RenewSql, session.Value, user.Value, Instant.Now(time), withSecondFactor))
        {
            if (await renew.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                return false;
            }
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                user.ToString(),
                "session.confirmed",
                session.ToString(),
                After: AuditState.Of(new { Method = method })),
            cancellationToken);
        return true;
    }

    private async Task<ConfirmSignInOutcome> ByCode(
        HttpContext context, UserId user, string code, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        switch (await factors.Check(transaction, user, code.Trim(), isConfirmed: true, cancellationToken))
        {
            case CodeVerdict.TooMany(var wait):
                return new ConfirmSignInOutcome.TooMany(wait);
            case CodeVerdict.Right:
                break;
            default:
                return new ConfirmSignInOutcome.Wrong("code", "is not right, or was used before");
        }

        return await Finish(transaction, context, user, "code", withSecondFactor: true, cancellationToken);
    }

    private async Task<ConfirmSignInOutcome> ByPassword(
        HttpContext context, UserId user, string password, string kept, string key, CancellationToken cancellationToken)
    {
        if (await attempts.Begin(Attempts.Password, key, cancellationToken) is { } wait)
        {
            return new ConfirmSignInOutcome.TooMany(wait);
        }

        if (await hashing.Verify(kept, password, cancellationToken) == PasswordVerdict.Wrong)
        {
            return new ConfirmSignInOutcome.Wrong("password", "is not right");
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await attempts.Forgive(transaction, Attempts.Password, key, cancellationToken);
        return await Finish(transaction, context, user, "password", withSecondFactor: false, cancellationToken);
    }

    private async Task<ConfirmSignInOutcome> Finish(
        NpgsqlTransaction transaction,
        HttpContext context,
        UserId user,
        string method,
        bool withSecondFactor,
        CancellationToken cancellationToken)
    {
        if (!await Renew(transaction, context, user, method, withSecondFactor, cancellationToken))
        {
            return new ConfirmSignInOutcome.SignInAgain();
        }

        await transaction.CommitAsync(cancellationToken);
        return new ConfirmSignInOutcome.Confirmed();
    }

    private async Task<(ConfirmationWays Ways, string? PasswordHash, string AttemptKey)> Read(
        UserId user, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(WaysSql, user.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            throw new InvalidOperationException($"{user} has a session and is not known.");
        }

        var kept = row.IsDBNull(0) ? null : row.GetString(0);
        return (
            new ConfirmationWays(kept is not null, row.GetBoolean(2), row.GetBoolean(3)),
            kept,
            row.IsDBNull(1) ? user.ToString() : row.GetString(1));
    }
}
