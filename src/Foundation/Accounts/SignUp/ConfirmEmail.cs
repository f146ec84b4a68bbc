using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Every way confirming an address can end.</summary>
internal abstract record ConfirmEmailOutcome
{
    private ConfirmEmailOutcome()
    {
    }

    /// <summary>The link does not work (any more), or is of somebody else.</summary>
    public sealed record DoesNotWork(EmailToken Token) : ConfirmEmailOutcome;

    /// <summary>Somebody else has the address meanwhile.</summary>
    public sealed record AddressTaken : ConfirmEmailOutcome;

    /// <summary>It is theirs, proved.</summary>
    public sealed record Confirmed : ConfirmEmailOutcome;
}

/// <summary>
/// Proves a person's address, or moves them to a new one, with the link that was mailed there: by the person alone, signed
/// in, so that nobody confirms for a stranger.
/// </summary>
internal sealed class ConfirmEmail(
    NpgsqlDataSource database, EmailTokens tokens, IAudit audit, IMails mails, TimeProvider time)
{
    /// <summary>Looks at a link without using it up.</summary>
    public async Task<EmailToken> Look(string token, CancellationToken cancellationToken)
    {
        var verify = await tokens.Look(token, EmailTokenPurpose.Verify, cancellationToken);
        return verify is EmailToken.Unknown
            ? await tokens.Look(token, EmailTokenPurpose.Change, cancellationToken)
            : verify;
    }

    public async Task<ConfirmEmailOutcome> Handle(UserId user, string token, CancellationToken cancellationToken)
    {
        if (await Look(token, cancellationToken) is var looked && looked is not EmailToken.Good)
        {
            return new ConfirmEmailOutcome.DoesNotWork(looked);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var before = await UserRows.Find(transaction, user, cancellationToken);
        var used = await tokens.Use(transaction, token, EmailTokenPurpose.Verify, cancellationToken)
            ?? await tokens.Use(transaction, token, EmailTokenPurpose.Change, cancellationToken);
        if (used is null || used.User != user || before is null)
        {
            return new ConfirmEmailOutcome.DoesNotWork(new EmailToken.Unknown());
        }

        if (!await Write(transaction, user, used.Email, cancellationToken))
        {
            return new ConfirmEmailOutcome.AddressTaken();
        }

        var moved = before.Email is { } old && EmailAddress.Folded(old) != EmailAddress.Folded(used.Email) ? old : null;
        await tokens.VoidAll(transaction, user, cancellationToken);
        if (moved is not null)
        {
            await mails.Send(transaction, PeopleMails.Changed(moved, used.Email), cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                user.ToString(),
                moved is null ? "user.email_verified" : "user.email_changed",
                user.ToString(),
                Before: AuditState.Of(new { before.Email, before.EmailVerifiedAt }),
                After: AuditState.Of(new { used.Email })),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        mails.Hint();
        return new ConfirmEmailOutcome.Confirmed();
    }

    private const string WriteSql = """
        update accounts.users
        set email = $2, email_folded = $3, email_verified_at = $4
        where user_id = $1
        """;

    private async Task<bool> Write(
        NpgsqlTransaction transaction, UserId user, string email, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            WriteSql, user.Value, email, EmailAddress.Folded(email), Instant.Now(time));
        try
        {
            return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }
    }
}
