using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>What proves once more that it is them.</summary>
/// <param name="Password">Their password, where they have no second factor.</param>
/// <param name="Code">A code of their second factor, or a recovery code, where they have one.</param>
internal sealed record Confirmation(string? Password = null, string? Code = null)
{
    /// <summary>Without the secrets, which belong in no log.</summary>
    public override string ToString() => nameof(Confirmation);
}

/// <summary>
/// The page at <c>/confirm</c>, which asks somebody signed in to prove once more that it is them and leads back; and the
/// same for programs.
/// </summary>
internal static class ConfirmSignInEndpoints
{
    private const string Password = "password";
    private const string Code = "code";

    /// <summary><c>GET /confirm</c>.</summary>
    public static async Task<IResult> Show(
        HttpContext context, ConfirmSignIn handler, CancellationToken cancellationToken) => Form(
        await handler.Ways(context.Caller().Person(), cancellationToken),
        SignedIn.LocalPath(context.Request.Query[SignedIn.ReturnTo].ToString()),
        null);

    /// <summary><c>POST /confirm</c>.</summary>
    public static async Task<IResult> Confirm(
        HttpContext context, ConfirmSignIn handler, CancellationToken cancellationToken)
    {
        var form = await PageParts.ReadForm(context.Request, cancellationToken);
        var returnTo = SignedIn.LocalPath(form[SignedIn.ReturnTo].ToString());
        var person = context.Caller().Person();
        return await handler.Handle(
            context, person, form[Password].ToString(), form[Code].ToString(), cancellationToken) switch
        {
            ConfirmSignInOutcome.Confirmed => SignedIn.SeeOther(context.Response, returnTo),
            ConfirmSignInOutcome.Wrong(var member, var problem) => Form(
                await handler.Ways(person, cancellationToken),
                returnTo,
                member == Code ? $"The code {problem}." : $"The password {problem}."),
            ConfirmSignInOutcome.TooMany(var wait) => PageParts.TooMany(context, wait, ""),
            ConfirmSignInOutcome.SignInAgain => SignedIn.SeeOther(
                context.Response, PageParts.With(RedirectsToSignIn.Path, returnTo)),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary><c>POST /v1/me/confirm</c>.</summary>
    public static async Task<Results<NoContent, Problem>> Endpoint(
        Confirmation body, ConfirmSignIn handler, HttpContext context, CancellationToken cancellationToken) =>
        await handler.Handle(
            context, context.Caller().Person(), body.Password, body.Code, cancellationToken) switch
        {
            ConfirmSignInOutcome.Confirmed => TypedResults.NoContent(),
            ConfirmSignInOutcome.Wrong(var member, var problem) =>
                AccountsProblems.Of(InvalidInput.Of((member, problem))!),
            ConfirmSignInOutcome.TooMany(var wait) => AccountsProblems.TooManyTries(wait),
            ConfirmSignInOutcome.SignInAgain => RecentSignIn.Required(),
            _ => throw new UnreachableException(),
        };

    /// <summary><c>POST /v1/me/confirm/passkey</c>.</summary>
    public static async Task<Results<NoContent, Problem>> PasskeyEndpoint(
        PasskeyAnswer body, SignInWithPasskey handler, HttpContext context, CancellationToken cancellationToken) =>
        await handler.Confirm(context, context.Caller().Person(), body, cancellationToken)
            ? TypedResults.NoContent()
            : new Problem(
                ProofProblems.PasskeyRefused, "The answer does not fit what was asked, or the passkey is not yours.");

    private static SignInPage Form(ConfirmationWays ways, string returnTo, string? complaint)
    {
        var body = new StringBuilder();
        body.Append("<p>What comes next changes how your account is protected. Show once more that you are its owner.</p>");
        body.Append(PageParts.Complaint(complaint));
        if (ways.Code || ways.Password)
        {
            body.Append($"""
                <form method="post" action="{RecentSignIn.Path}">
                {(ways.Code
                    ? PageParts.Code("Code of your authenticator app, or a recovery code", Code)
                    : PageParts.Password("Password", Password, "current-password", isFocused: true))}
                {PageParts.Hidden(SignedIn.ReturnTo, returnTo)}
                <button>Go on</button></form>
                """);
        }

        if (ways.Passkey)
        {
            body.Append($"""
                <div class="others">{ProofButtons.Button("passkey-confirm", "Use a passkey", returnTo)}</div>
                {ProofScript.Element}
                """);
        }

        var again = SignInPage.Text(PageParts.With(RedirectsToSignIn.Path, returnTo));
        body.Append(ways is { Code: false, Password: false }
            ? $"""<a class="other" href="{again}">Sign in again</a>"""
            : $"""<p class="below">Or <a href="{again}">sign in again</a>.</p>""");
        return new SignInPage(
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity,
            "Is it you?",
            body.ToString());
    }
}
