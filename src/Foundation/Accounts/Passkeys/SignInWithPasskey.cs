using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A passkey's answer.</summary>
/// <param name="Ceremony">What was asked.</param>
/// <param name="Credential">What <c>PublicKeyCredential.toJSON()</c> gives.</param>
/// <param name="ReturnTo">The page to go on at; <c>/</c> where left out.</param>
internal sealed record PasskeyAnswer(PasskeyCeremonyId Ceremony, JsonElement Credential, string? ReturnTo = null);

/// <summary>Lets people in by their passkey, which says itself whose it is.</summary>
internal sealed class SignInWithPasskey(
    NpgsqlDataSource database,
    PasskeyCeremonies ceremonies,
    SessionStarter starter,
    ConfirmSignIn confirming,
    TimeProvider time)
{
    /// <summary><c>POST /v1/auth/passkey/options</c>.</summary>
    public static async Task<Results<Ok<PasskeyCeremony>, Problem>> OptionsEndpoint(
        PasskeyCeremonies ceremonies,
        PublicLinks links,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (links.Origin(context.Request) is null)
        {
            return AccountsProblems.PublicUrlUnknown();
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await ceremonies.AskForAny(context, cancellationToken));
    }

    /// <summary><c>POST /v1/auth/passkey/verify</c>.</summary>
    public static async Task<Results<Ok<SignInProgress>, Problem>> Endpoint(
        PasskeyAnswer body,
        SignInWithPasskey handler,
        ProofAnswer answer,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (ProofAnswer.CrossSite(context) is { } crossSite)
        {
            return crossSite;
        }

        return await handler.Handle(context, body, cancellationToken) is { } start
            ? answer.Of(context, start, body.ReturnTo)
            : new Problem(ProofProblems.PasskeyRefused, "The answer does not fit what was asked, or nobody has this passkey.");
    }

    private const string UseSql = """
        update accounts.passkeys
        set sign_count = $2, is_backed_up = $3, last_used_at = $4
        where credential_id = $1
            and sign_count <= $2
        """;

    /// <returns>What was started; null where the passkey's answer does not hold.</returns>
    public async Task<SessionStart?> Handle(
        HttpContext context, PasskeyAnswer given, CancellationToken cancellationToken)
    {
        if (await ceremonies.Check(context, given.Ceremony, given.Credential, cancellationToken) is not var (user, passkey))
        {
            return null;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // The passkey is locked after the person and the audit log: whoever removes it takes that order.
        var start = await starter.Start(
            transaction, user, SessionMethod.Passkey, SessionFacts.Of(context), cancellationToken);
        if (!await Use(transaction, passkey, cancellationToken))
        {
            return null;
        }

        await transaction.CommitAsync(cancellationToken);
        return start;
    }

    /// <summary>Somebody who is signed in proves once more that it is them.</summary>
    /// <returns>False where the passkey's answer does not hold, or is another person's.</returns>
    public async Task<bool> Confirm(
        HttpContext context, UserId user, PasskeyAnswer given, CancellationToken cancellationToken)
    {
        if (await ceremonies.Check(context, given.Ceremony, given.Credential, cancellationToken) is not var (owner, passkey)
            || owner != user)
        {
            return false;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await confirming.Renew(transaction, context, user, "passkey", withSecondFactor: true, cancellationToken)
            || !await Use(transaction, passkey, cancellationToken))
        {
            return false;
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    // Removed meanwhile, or a copy of it was quicker: both are reasons to keep whoever it is out.
    private async Task<bool> Use(
        NpgsqlTransaction transaction, UserPasskeyInfo passkey, CancellationToken cancellationToken)
    {
        await using var use = transaction.Sql(
            UseSql, passkey.CredentialId, (long)passkey.SignCount, passkey.IsBackedUp, Instant.Now(time));
        return await use.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
