using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>What a visitor came back with.</summary>
/// <param name="State">The state; empty where there is none.</param>
/// <param name="Code">The code; null where there is none.</param>
/// <param name="Issuer">Who says to have answered; null where nobody says.</param>
internal sealed record ExternalCallback(string State, string? Code, string? Issuer);

/// <summary>Every way coming back from another service can end, in the order it is checked.</summary>
internal abstract record SignInElsewhereOutcome
{
    private SignInElsewhereOutcome()
    {
    }

    /// <summary>Nobody was sent there from this browser just now.</summary>
    public sealed record StateGone : SignInElsewhereOutcome;

    /// <summary>The visitor, or the service, said no.</summary>
    public sealed record Declined(string ReturnTo) : SignInElsewhereOutcome;

    /// <summary>The service does not prove who it is.</summary>
    public sealed record NotProved : SignInElsewhereOutcome;

    /// <summary>Somebody else is signed in now than who wanted to connect.</summary>
    public sealed record AnotherPerson : SignInElsewhereOutcome;

    /// <summary>Nobody is known by it, and nobody may sign up by themselves.</summary>
    public sealed record NotInvited : SignInElsewhereOutcome;

    /// <summary>The address is somebody's who has to connect the service themselves.</summary>
    public sealed record AddressTaken(string Email) : SignInElsewhereOutcome;

    /// <summary>Another person signs in with it, or this one has too many.</summary>
    public sealed record CannotConnect : SignInElsewhereOutcome;

    /// <summary>It signs the person in from now on.</summary>
    public sealed record Connected(string ReturnTo) : SignInElsewhereOutcome;

    /// <summary>It is them.</summary>
    public sealed record Proved(SessionStart Start, string ReturnTo) : SignInElsewhereOutcome;
}

/// <summary>
/// Lets people in whom another service vouches for. Who they are here follows from issuer and subject alone: an address
/// never signs anybody in, however well it is proved there.
/// </summary>
internal sealed class SignInElsewhere(
    NpgsqlDataSource database,
    ExternalStates states,
    Newcomers newcomers,
    SessionStarter starter,
    IAudit audit,
    SecurityNotices notices,
    IdSource ids,
    TimeProvider time,
    ILogger<SignInElsewhere> logger)
{
    /// <param name="context">The visitor's request, with the browser's mark.</param>
    /// <param name="provider">Who they come back from.</param>
    /// <param name="redirectUri">Where they were sent back to.</param>
    /// <param name="callback">What they came back with.</param>
    /// <param name="signedIn">Who is signed in in this browser; null for nobody.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<SignInElsewhereOutcome> Handle(
        HttpContext context,
        IExternalProvider provider,
        string redirectUri,
        ExternalCallback callback,
        UserId? signedIn,
        CancellationToken cancellationToken)
    {
        var back = await states.Use(
            context.Request, provider.Options.Name, redirectUri, callback.State, cancellationToken);
        if (back is null)
        {
            return new SignInElsewhereOutcome.StateGone();
        }

        if (callback.Code is null)
        {
            return new SignInElsewhereOutcome.Declined(back.ReturnTo);
        }

        var redeemed = await provider.Redeem(back.Request, callback.Code, callback.Issuer, cancellationToken);
        if (redeemed is not RedeemOutcome.Proved(var identity))
        {
            Log.NotVouchedFor(logger, provider.Options.Name, redeemed switch
            {
                RedeemOutcome.Refused(var why) => why,
                RedeemOutcome.Unreachable(var why) => why,
                _ => "",
            });
            return new SignInElsewhereOutcome.NotProved();
        }

        if (back.User is { } user)
        {
            return user == signedIn
                ? await Connect(user, identity, back.ReturnTo, cancellationToken)
                : new SignInElsewhereOutcome.AnotherPerson();
        }

        // Who comes twice at once for the first time is made known once: the second looks again.
        var facts = SessionFacts.Of(context);
        return await Enter(identity, facts, back.ReturnTo, cancellationToken)
            ?? await Enter(identity, facts, back.ReturnTo, cancellationToken)
            ?? throw new InvalidOperationException("The login was connected and removed at the same time.");
    }

    private async Task<SignInElsewhereOutcome?> Enter(
        ExternalIdentity identity, SessionFacts facts, string returnTo, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ExternalLoginRows.Owner(transaction, identity, cancellationToken) is not { } user)
        {
            var name = identity.Name is { } said && InputText.Problem(said, Limits.NameLettersMax) is null ? said : null;
            var welcome = await newcomers.Welcome(
                transaction,
                new NewUser(name, identity.ConfirmedEmail, EmailIsVerified: identity.ConfirmedEmail is not null),
                returnTo,
                cancellationToken);
            switch (welcome)
            {
                case NewcomerOutcome.AddressTaken:
                    return new SignInElsewhereOutcome.AddressTaken(identity.ConfirmedEmail!);
                case NewcomerOutcome.Welcomed(var newcomer):
                    user = newcomer;
                    break;
                default:
                    return new SignInElsewhereOutcome.NotInvited();
            }

            if (!await Insert(transaction, user, identity, now, cancellationToken))
            {
                return null;
            }
        }

        var start = await starter.Start(transaction, user, SessionMethod.Oidc, facts, cancellationToken);
        if (!await ExternalLoginRows.Use(transaction, user, identity, now, cancellationToken))
        {
            return null;
        }

        await transaction.CommitAsync(cancellationToken);
        return new SignInElsewhereOutcome.Proved(start, returnTo);
    }

    private async Task<SignInElsewhereOutcome> Connect(
        UserId user, ExternalIdentity identity, string returnTo, CancellationToken cancellationToken)
    {
        var logins = await ExternalLoginRows.List(database, user, cancellationToken);
        if (logins.Any(login => login.Issuer == identity.Issuer && login.Subject == identity.Subject))
        {
            return new SignInElsewhereOutcome.Connected(returnTo);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (logins.Count >= Limits.ExternalLoginsMax
            || !await Insert(transaction, user, identity, Instant.Now(time), cancellationToken))
        {
            return new SignInElsewhereOutcome.CannotConnect();
        }

        await notices.WayInAdded(transaction, user, $"your account at {identity.Issuer}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        notices.Hint();
        return new SignInElsewhereOutcome.Connected(returnTo);
    }

    private async Task<bool> Insert(
        NpgsqlTransaction transaction,
        UserId user,
        ExternalIdentity identity,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        // The audit log is locked before the login, as where a first visit makes somebody known.
        var id = ids.Next<ExternalLoginId>();
        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                user.ToString(),
                "external_login.linked",
                id.ToString(),
                After: AuditState.Of(new { UserId = user, identity.Issuer, identity.Subject })),
            cancellationToken);
        return await ExternalLoginRows.Insert(transaction, id, user, identity, now, cancellationToken);
    }
}
