using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>What a browser asks a passkey for.</summary>
/// <param name="Ceremony">Comes back with the passkey's answer; works once, for five minutes.</param>
/// <param name="Options">
/// For <c>PublicKeyCredential.parseCreationOptionsFromJSON</c> or <c>parseRequestOptionsFromJSON</c>.
/// </param>
internal sealed record PasskeyCeremony(PasskeyCeremonyId Ceremony, JsonElement Options);

/// <summary>
/// WebAuthn, as ASP.NET Core does it: what is asked of browsers, and whether their answers hold. What was asked is kept in
/// a row that works once, on any replica.
/// </summary>
internal sealed class PasskeyCeremonies
{
    private readonly NpgsqlDataSource database;
    private readonly PublicLinks links;
    private readonly IdSource ids;
    private readonly TimeProvider time;
    private readonly PasskeyHandler<PasskeyPerson> handler;

    public PasskeyCeremonies(
        NpgsqlDataSource database,
        PublicLinks links,
        AccountsOptions options,
        IdSource ids,
        TimeProvider time,
        IServiceProvider services,
        ILogger<UserManager<PasskeyPerson>> logger)
    {
        (this.database, this.links, this.ids, this.time) = (database, links, ids, time);
        var users = new UserManager<PasskeyPerson>(
            new PasskeyStore(database),
            Options.Create(new IdentityOptions()),
            new PasswordHasher<PasskeyPerson>(),
            [],
            [],
            new UpperInvariantLookupNormalizer(),
            new IdentityErrorDescriber(),
            services,
            logger);

        // A passkey counts as both factors, so its device must always make sure of the person.
        handler = new PasskeyHandler<PasskeyPerson>(users, Options.Create(new IdentityPasskeyOptions
        {
            ServerDomain = options.PublicUrl?.Host,
            AuthenticatorTimeout = Limits.PasskeyCeremonyLifetime,
            UserVerificationRequirement = "required",
            ResidentKeyRequirement = "required",
            ValidateOrigin = IsOurs,
        }));
    }

    /// <summary>Asks for a new passkey.</summary>
    public async Task<PasskeyCeremony> AskForNew(
        HttpContext context, UserProfile person, CancellationToken cancellationToken)
    {
        var entity = new PasskeyUserEntity
        {
            Id = person.Id.ToString(),
            Name = person.Email ?? person.DisplayName,
            DisplayName = person.DisplayName,
        };
        var asked = await handler.MakeCreationOptionsAsync(entity, context);
        return await Keep(person.Id, asked.CreationOptionsJson, asked.AttestationState, cancellationToken);
    }

    /// <summary>Asks for any passkey of this host: whose it is, it says itself.</summary>
    public async Task<PasskeyCeremony> AskForAny(HttpContext context, CancellationToken cancellationToken)
    {
        var asked = await handler.MakeRequestOptionsAsync(null, context);
        return await Keep(null, asked.RequestOptionsJson, asked.AssertionState, cancellationToken);
    }

    /// <summary>Looks at a new passkey.</summary>
    /// <returns>Null where it does not answer what was asked.</returns>
    public async Task<UserPasskeyInfo?> CheckNew(
        HttpContext context,
        UserId user,
        PasskeyCeremonyId ceremony,
        JsonElement credential,
        CancellationToken cancellationToken)
    {
        if (await Use(ceremony, user, cancellationToken) is not { } state)
        {
            return null;
        }

        var result = await handler.PerformAttestationAsync(new PasskeyAttestationContext
        {
            HttpContext = context,
            CredentialJson = credential.GetRawText(),
            AttestationState = state,
        });
        return result.Succeeded && result.UserEntity.Id == user.ToString() ? result.Passkey : null;
    }

    /// <summary>Looks at a passkey's answer.</summary>
    /// <returns>Whose it is and how it stands now; null where it does not hold.</returns>
    public async Task<(UserId User, UserPasskeyInfo Passkey)?> Check(
        HttpContext context, PasskeyCeremonyId ceremony, JsonElement credential, CancellationToken cancellationToken)
    {
        if (await Use(ceremony, null, cancellationToken) is not { } state)
        {
            return null;
        }

        var result = await handler.PerformAssertionAsync(new PasskeyAssertionContext
        {
            HttpContext = context,
            CredentialJson = credential.GetRawText(),
            AssertionState = state,
        });
        return result.Succeeded ? (result.User.Id, result.Passkey) : null;
    }

    private ValueTask<bool> IsOurs(PasskeyOriginValidationContext origin)
    {
        var ours = links.Origin(origin.HttpContext.Request);
        return ValueTask.FromResult(
            ours is not null && !origin.CrossOrigin
            && string.Equals(origin.Origin, PublicLinks.Text(ours), StringComparison.OrdinalIgnoreCase));
    }

    private const string InsertSql = """
        insert into accounts.passkey_ceremonies (ceremony_id, user_id, state, created_at, expires_at)
        values ($1, $2, $3, $4, $5)
        """;

    private async Task<PasskeyCeremony> Keep(
        UserId? user, string options, string? state, CancellationToken cancellationToken)
    {
        var ceremony = ids.Next<PasskeyCeremonyId>();
        var now = Instant.Now(time);
        await using var command = database.Sql(
            InsertSql,
            ceremony.Value,
            user?.Value,
            state ?? throw new InvalidOperationException("The framework keeps nothing of a ceremony."),
            now,
            now + Limits.PasskeyCeremonyLifetime);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new PasskeyCeremony(ceremony, JsonSerializer.Deserialize<JsonElement>(options));
    }

    private const string UseSql = """
        update accounts.passkey_ceremonies
        set used_at = $3
        where ceremony_id = $1
            and user_id is not distinct from $2
            and used_at is null
            and expires_at > $3
        returning state
        """;

    private async Task<string?> Use(PasskeyCeremonyId ceremony, UserId? user, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(UseSql, ceremony.Value, user?.Value, Instant.Now(time));
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
