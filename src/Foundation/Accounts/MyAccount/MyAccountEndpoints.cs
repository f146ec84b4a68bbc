using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>What a person changes of their profile.</summary>
/// <param name="Name">What they call themselves: 1 to 200 letters.</param>
internal sealed record ProfileChange(string Name);

/// <summary>A new password.</summary>
/// <param name="CurrentPassword">The present one; left out where there is none.</param>
/// <param name="NewPassword">The new one: at least 8 letters, and none of the common ones.</param>
internal sealed record PasswordChange(string NewPassword, string? CurrentPassword = null);

/// <summary>An address to confirm.</summary>
/// <param name="Email">One's own, or the one wanted from then on.</param>
internal sealed record EmailChange(string Email);

/// <summary>A code of the second factor.</summary>
/// <param name="Code">What the app shows, or a recovery code.</param>
internal sealed record SecondFactorCode(string Code);

/// <summary>Recovery codes; each works once in place of the app's.</summary>
/// <param name="RecoveryCodes">Shown this once; empty where none were made.</param>
internal sealed record RecoveryCodesAnswer(IReadOnlyList<string> RecoveryCodes);

/// <summary>A session to end.</summary>
/// <param name="Id">Which one.</param>
internal sealed record EndSessionRequest(SignInSessionId Id);

/// <summary>How many sessions ended.</summary>
/// <param name="Ended">Their number.</param>
internal sealed record SessionsEndedAnswer(int Ended);

/// <summary>The API at <c>/v1/me</c>: for sessions, never for keys.</summary>
internal static class MyAccountEndpoints
{
    /// <summary><c>GET /v1/me</c>.</summary>
    public static async Task<Ok<UserProfile>> Show(
        MyAccount account, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(await account.Profile(context.Caller().Person(), cancellationToken));

    /// <summary><c>PATCH /v1/me</c>.</summary>
    public static async Task<Results<Ok<UserProfile>, Problem>> Change(
        ProfileChange body, MyAccount account, HttpContext context, CancellationToken cancellationToken) =>
        await account.Rename(context.Caller().Person(), body.Name, cancellationToken) is { } invalid
            ? AccountsProblems.Of(invalid)
            : TypedResults.Ok(await account.Profile(context.Caller().Person(), cancellationToken));

    /// <summary><c>GET /v1/me/sessions</c>.</summary>
    public static async Task<Ok<Page<SessionProfile>>> Sessions(
        MyAccount account, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<SessionProfile>(
            await account.Sessions(context, context.Caller().Person(), cancellationToken), NextCursor: null));

    /// <summary><c>DELETE /v1/me/sessions/{id}</c>.</summary>
    public static async Task<Results<NoContent, Problem>> EndSession(
        Parameters<EndSessionRequest> parameters,
        MyAccount account,
        HttpContext context,
        CancellationToken cancellationToken) =>
        await account.EndSession(context.Caller().Person(), parameters.Value.Id, cancellationToken)
            ? TypedResults.NoContent()
            : new Problem(
                PlatformProblems.NotFound, $"There is no session {parameters.Value.Id} of yours that has not ended.");

    /// <summary><c>POST /v1/me/sessions/end-others</c>.</summary>
    public static async Task<Ok<SessionsEndedAnswer>> EndOtherSessions(
        MyAccount account, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new SessionsEndedAnswer(
            await account.EndOtherSessions(context, context.Caller().Person(), cancellationToken)));

    /// <summary><c>POST /v1/me/password</c>.</summary>
    public static async Task<Results<NoContent, Problem>> ChangePassword(
        PasswordChange body, MyAccount account, HttpContext context, CancellationToken cancellationToken) =>
        await account.ChangePassword(
            context, context.Caller().Person(), body.CurrentPassword ?? "", body.NewPassword, cancellationToken) switch
        {
            ChangePasswordOutcome.Changed => TypedResults.NoContent(),
            ChangePasswordOutcome.ProofTooOld => RecentSignIn.Required(),
            ChangePasswordOutcome.Invalid(var problem) => Wrong("new_password", problem),
            ChangePasswordOutcome.WrongPassword => Wrong("current_password", "is not the present password"),
            ChangePasswordOutcome.TooMany(var wait) => AccountsProblems.TooManyTries(wait),
            _ => throw new UnreachableException(),
        };

    /// <summary><c>POST /v1/me/email</c>.</summary>
    public static async Task<Results<Accepted, Problem>> ChangeEmail(
        EmailChange body, MyAccount account, HttpContext context, CancellationToken cancellationToken) =>
        await account.ChangeEmail(context, context.Caller().Person(), body.Email.Trim(), cancellationToken) switch
        {
            ChangeEmailOutcome.MailSent => TypedResults.Accepted((string?)null),
            ChangeEmailOutcome.Invalid(var problem) => Wrong("email", problem),
            ChangeEmailOutcome.NoPublicUrl => new Problem(
                AccountsProblems.NoPublicUrl, "The operator has not set QUOIN_PUBLIC_URL."),
            ChangeEmailOutcome.ProofTooOld => RecentSignIn.Required(),
            ChangeEmailOutcome.TooMany(var wait) => AccountsProblems.TooManyTries(wait),
            _ => throw new UnreachableException(),
        };

    /// <summary><c>POST /v1/me/second-factor</c>.</summary>
    public static async Task<Results<Ok<SecondFactorSecret>, Problem>> BeginSecondFactor(
        MyAccount account, HttpContext context, CancellationToken cancellationToken) =>
        await account.BeginSecondFactor(context.Caller().Person(), cancellationToken) is { } secret
            ? TypedResults.Ok(secret)
            : new Problem(AccountsProblems.SecondFactorState, "A second factor is set up already.");

    /// <summary><c>POST /v1/me/second-factor/confirm</c>.</summary>
    public static async Task<Results<Ok<RecoveryCodesAnswer>, Problem>> ConfirmSecondFactor(
        SecondFactorCode body, MyAccount account, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await account.ConfirmSecondFactor(context.Caller().Person(), body.Code, cancellationToken));

    /// <summary><c>POST /v1/me/second-factor/remove</c>.</summary>
    public static async Task<Results<Ok<RecoveryCodesAnswer>, Problem>> RemoveSecondFactor(
        SecondFactorCode body, MyAccount account, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await account.RemoveSecondFactor(context.Caller().Person(), body.Code, cancellationToken));

    /// <summary><c>POST /v1/me/second-factor/recovery-codes</c>.</summary>
    public static async Task<Results<Ok<RecoveryCodesAnswer>, Problem>> RenewRecoveryCodes(
        SecondFactorCode body, MyAccount account, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await account.RenewRecoveryCodes(context.Caller().Person(), body.Code, cancellationToken));

    private static Results<Ok<RecoveryCodesAnswer>, Problem> Answer(SecondFactorOutcome outcome) => outcome switch
    {
        SecondFactorOutcome.Done(var codes) => TypedResults.Ok(new RecoveryCodesAnswer(codes)),
        SecondFactorOutcome.WrongCode => Wrong("code", "is not right, or was used before"),
        SecondFactorOutcome.NotSetUp => new Problem(
            AccountsProblems.SecondFactorState, "No second factor is at this point of being set up."),
        SecondFactorOutcome.TooMany(var wait) => AccountsProblems.TooManyTries(wait),
        _ => throw new UnreachableException(),
    };

    private static Problem Wrong(string member, string problem) =>
        AccountsProblems.Of(InvalidInput.Of((member, problem))!);
}
