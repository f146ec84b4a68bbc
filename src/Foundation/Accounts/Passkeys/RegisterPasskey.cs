using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A new passkey.</summary>
/// <param name="Ceremony">What was asked.</param>
/// <param name="Credential">What <c>PublicKeyCredential.toJSON()</c> gives.</param>
/// <param name="Name">What its owner calls it: 1 to 200 letters.</param>
internal sealed record NewPasskey(PasskeyCeremonyId Ceremony, JsonElement Credential, string Name);

/// <summary>Every way registering a passkey can end, in the order it is checked.</summary>
internal abstract record RegisterPasskeyOutcome
{
    private RegisterPasskeyOutcome()
    {
    }

    /// <summary>The name is not right.</summary>
    public sealed record Invalid(InvalidInput Input) : RegisterPasskeyOutcome;

    /// <summary>The person has <see cref="Limits.PasskeysMax"/> passkeys.</summary>
    public sealed record TooMany : RegisterPasskeyOutcome;

    /// <summary>It does not answer what was asked, or is known already.</summary>
    public sealed record Refused : RegisterPasskeyOutcome;

    /// <summary>It signs its owner in from now on.</summary>
    public sealed record Registered(PasskeyProfile Passkey) : RegisterPasskeyOutcome;
}

/// <summary>Lets a passkey sign a person in from now on.</summary>
internal sealed class RegisterPasskey(
    NpgsqlDataSource database, PasskeyCeremonies ceremonies, IAudit audit, SecurityNotices notices, IdSource ids, TimeProvider time)
{
    /// <summary><c>POST /v1/me/passkeys/options</c>.</summary>
    public static async Task<Results<Ok<PasskeyCeremony>, Problem>> OptionsEndpoint(
        PasskeyCeremonies ceremonies,
        Users users,
        PublicLinks links,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (links.Origin(context.Request) is null)
        {
            return AccountsProblems.PublicUrlUnknown();
        }

        var person = await users.Find(context.Caller().Person(), cancellationToken)
            ?? throw new InvalidOperationException("Somebody is signed in who is not known.");
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await ceremonies.AskForNew(context, person, cancellationToken));
    }

    /// <summary><c>POST /v1/me/passkeys</c>.</summary>
    public static async Task<Results<Ok<PasskeyProfile>, Problem>> Endpoint(
        NewPasskey body, RegisterPasskey handler, HttpContext context, CancellationToken cancellationToken)
    {
        var outcome = await handler.Handle(context, context.Caller().Person(), body, cancellationToken);
        return outcome switch
        {
            RegisterPasskeyOutcome.Registered(var passkey) => TypedResults.Ok(passkey),
            RegisterPasskeyOutcome.Invalid(var input) => AccountsProblems.Of(input),
            RegisterPasskeyOutcome.TooMany => new Problem(
                ProofProblems.TooMany, $"There are already {Limits.PasskeysMax} passkeys."),
            RegisterPasskeyOutcome.Refused => new Problem(
                ProofProblems.PasskeyRefused, "The answer does not fit what was asked, or the passkey is known already."),
            _ => throw new UnreachableException(),
        };
    }

    public async Task<RegisterPasskeyOutcome> Handle(
        HttpContext context, UserId user, NewPasskey request, CancellationToken cancellationToken)
    {
        if (InvalidInput.Of(("name", InputText.Problem(request.Name, Limits.NameLettersMax))) is { } invalid)
        {
            return new RegisterPasskeyOutcome.Invalid(invalid);
        }

        // Two at the same moment may both pass; the limit keeps lists readable and guards nothing else.
        if ((await PasskeyRows.List(database, user, cancellationToken)).Count >= Limits.PasskeysMax)
        {
            return new RegisterPasskeyOutcome.TooMany();
        }

        var checkedKey = await ceremonies.CheckNew(context, user, request.Ceremony, request.Credential, cancellationToken);
        if (checkedKey is not { } passkey)
        {
            return new RegisterPasskeyOutcome.Refused();
        }

        var profile = new PasskeyProfile(
            ids.Next<PasskeyId>(), request.Name, passkey.IsBackedUp, Instant.Now(time), LastUsedAt: null);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await Insert(transaction, user, profile, passkey, cancellationToken))
        {
            return new RegisterPasskeyOutcome.Refused();
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                null, user.ToString(), "passkey.registered", profile.Id.ToString(), After: AuditState.Of(profile)),
            cancellationToken);
        await notices.WayInAdded(transaction, user, $"the passkey \"{profile.Name}\"", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        notices.Hint();
        return new RegisterPasskeyOutcome.Registered(profile);
    }

    private const string InsertSql = """
        insert into accounts.passkeys (
            credential_id, passkey_id, user_id, name, public_key, sign_count, transports, is_user_verified,
            is_backup_eligible, is_backed_up, attestation_object, client_data_json, registered_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        on conflict (credential_id) do nothing
        """;

    private static async Task<bool> Insert(
        NpgsqlTransaction transaction,
        UserId user,
        PasskeyProfile profile,
        UserPasskeyInfo passkey,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql,
            passkey.CredentialId,
            profile.Id.Value,
            user.Value,
            profile.Name,
            passkey.PublicKey,
            (long)passkey.SignCount,
            passkey.Transports,
            passkey.IsUserVerified,
            passkey.IsBackupEligible,
            passkey.IsBackedUp,
            passkey.AttestationObject,
            passkey.ClientDataJson,
            profile.RegisteredAt);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
