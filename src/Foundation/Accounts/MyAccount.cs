using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>What a signed-in person sees and changes of their own account: the page <c>/account</c> and the API.</summary>
public sealed class MyAccount
{
    private readonly NpgsqlDataSource database;
    private readonly SessionCookie cookie;
    private readonly ManageSessions sessions;
    private readonly ChangePassword passwords;
    private readonly ChangeEmail emails;
    private readonly ChangeName names;
    private readonly SecondFactors factors;
    private readonly PresentSession present;

    internal MyAccount(
        NpgsqlDataSource database,
        SessionCookie cookie,
        ManageSessions sessions,
        ChangePassword passwords,
        ChangeEmail emails,
        ChangeName names,
        SecondFactors factors,
        PresentSession present)
    {
        (this.database, this.cookie, this.sessions, this.present) = (database, cookie, sessions, present);
        (this.passwords, this.emails, this.names, this.factors) = (passwords, emails, names, factors);
    }

    /// <summary>The person a caller is; null where a key asks.</summary>
    public static UserId? UserOf(Caller caller) => Id.TryParse<UserId>(caller.Actor, out var user) ? user : null;

    /// <summary>The person.</summary>
    public async Task<UserProfile> Profile(UserId user, CancellationToken cancellationToken) =>
        await UserRows.Find(database, user, cancellationToken)
        ?? throw new InvalidOperationException($"{user} has a session and is not known.");

    /// <summary>Says what they call themselves.</summary>
    /// <returns>What is wrong with it; null when it is done.</returns>
    public Task<InvalidInput?> Rename(UserId user, string name, CancellationToken cancellationToken) =>
        names.Handle(user, name, cancellationToken);

    /// <summary>Their sessions, the last used first.</summary>
    public Task<IReadOnlyList<SessionProfile>> Sessions(
        HttpContext context, UserId user, CancellationToken cancellationToken) =>
        sessions.List(user, cookie.Read(context.Request), cancellationToken);

    /// <summary>Whether they proved lately enough who they are to change what matters most (see <see cref="RecentSignIn"/>).</summary>
    public async Task<bool> IsRecentlyProved(HttpContext context, UserId user, CancellationToken cancellationToken) =>
        await present.Of(context, user, cancellationToken) is { IsRecent: true };

    /// <summary>Ends one of their sessions; false where there is none of this id.</summary>
    public async Task<bool> EndSession(UserId user, SignInSessionId session, CancellationToken cancellationToken) =>
        await sessions.End(user, only: session, except: null, cancellationToken) > 0;

    /// <summary>Ends all their sessions but the request's.</summary>
    /// <returns>How many.</returns>
    public Task<int> EndOtherSessions(HttpContext context, UserId user, CancellationToken cancellationToken) =>
        sessions.End(user, only: null, except: cookie.Read(context.Request), cancellationToken);

    /// <summary>Changes their password, or gives them a first one; the answer carries the new session's cookie.</summary>
    /// <param name="context">The request, with the session.</param>
    /// <param name="user">Who.</param>
    /// <param name="current">The present password; of no matter where there is none.</param>
    /// <param name="wanted">The new one.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<ChangePasswordOutcome> ChangePassword(
        HttpContext context, UserId user, string current, string wanted, CancellationToken cancellationToken) =>
        passwords.Handle(context, user, current, wanted, cancellationToken);

    /// <summary>Sends a link that confirms an address: their own, or the one they want from then on.</summary>
    public Task<ChangeEmailOutcome> ChangeEmail(
        HttpContext context, UserId user, string email, CancellationToken cancellationToken) =>
        emails.Handle(context, user, email, cancellationToken);

    /// <summary>Makes a second factor's secret, to be confirmed; null where one is set up already.</summary>
    public Task<SecondFactorSecret?> BeginSecondFactor(UserId user, CancellationToken cancellationToken) =>
        factors.Begin(user, cancellationToken);

    /// <summary>Sets the second factor up with a first code; gives recovery codes, shown this once.</summary>
    public Task<SecondFactorOutcome> ConfirmSecondFactor(
        UserId user, string code, CancellationToken cancellationToken) => factors.Confirm(user, code, cancellationToken);

    /// <summary>Removes the second factor with a last code, or a recovery code.</summary>
    public Task<SecondFactorOutcome> RemoveSecondFactor(
        UserId user, string code, CancellationToken cancellationToken) => factors.Remove(user, code, cancellationToken);

    /// <summary>Makes new recovery codes with a code of the app, or an old recovery code.</summary>
    public Task<SecondFactorOutcome> RenewRecoveryCodes(
        UserId user, string code, CancellationToken cancellationToken) =>
        factors.RenewCodes(user, code, cancellationToken);

    /// <summary>How many recovery codes are left.</summary>
    public Task<int> RecoveryCodesLeft(UserId user, CancellationToken cancellationToken) =>
        RecoveryCodes.Left(database, user, cancellationToken);
}
