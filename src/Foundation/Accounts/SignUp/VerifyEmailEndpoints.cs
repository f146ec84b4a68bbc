using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// The pages at <c>/verify-email</c>, where mailed links lead: one that finishes a sign-up asks for its password, one that
/// proves or changes the address of an account asks its owner to be signed in.
/// </summary>
internal static class VerifyEmailEndpoints
{
    private const string Path = "/verify-email";
    private const string Token = "token";
    private const string Password = "password";

    /// <summary><c>GET /verify-email</c>.</summary>
    public static async Task<IResult> Show(
        HttpContext context,
        FinishSignUp finishing,
        ConfirmEmail confirming,
        ICallerSource callers,
        CancellationToken cancellationToken)
    {
        var token = context.Request.Query[Token].ToString();
        if (token.StartsWith(SecretText.SignUpToken, StringComparison.Ordinal))
        {
            var link = await finishing.Look(token, cancellationToken);
            return link is SignUpLink.Good good ? AskForPassword(token, good.Email, null) : DoesNotWork(link);
        }

        var mailed = await confirming.Look(token, cancellationToken);
        if (mailed is not EmailToken.Good(var user, var email))
        {
            return DoesNotWork(mailed);
        }

        return await SignedInUser(context, callers, cancellationToken) == user
            ? AskForButton(token, email)
            : SignInFirst(token, email);
    }

    /// <summary><c>POST /verify-email</c>.</summary>
    public static async Task<IResult> Confirm(
        HttpContext context,
        FinishSignUp finishing,
        ConfirmEmail confirming,
        ICallerSource callers,
        SignedIn signedIn,
        CancellationToken cancellationToken)
    {
        if (!SameOrigin.Allows(context))
        {
            return PageParts.FromAnotherSite();
        }

        var form = await PageParts.ReadForm(context.Request, cancellationToken);
        var token = form[Token].ToString();
        if (form.ContainsKey(Password))
        {
            var finished = await finishing.Handle(
                token, form[Password].ToString(), SessionFacts.Of(context), cancellationToken);
            return await Answer(context, finishing, signedIn, token, finished, cancellationToken);
        }

        if (await SignedInUser(context, callers, cancellationToken) is not { } user)
        {
            return SignInFirst(token, "this address");
        }

        return await confirming.Handle(user, token, cancellationToken) switch
        {
            ConfirmEmailOutcome.Confirmed => SignedIn.SeeOther(context.Response, "/account?done=email"),
            ConfirmEmailOutcome.AddressTaken => AddressTaken(),
            ConfirmEmailOutcome.DoesNotWork(var mailed) => DoesNotWork(mailed),
            _ => throw new UnreachableException(),
        };
    }

    private static async Task<IResult> Answer(
        HttpContext context,
        FinishSignUp finishing,
        SignedIn signedIn,
        string token,
        FinishSignUpOutcome outcome,
        CancellationToken cancellationToken) => outcome switch
        {
            FinishSignUpOutcome.Done(var start, var returnTo) => signedIn.Answer(context, start, returnTo),
            FinishSignUpOutcome.WrongPassword
                when await finishing.Look(token, cancellationToken) is SignUpLink.Good good => AskForPassword(
                    token,
                    good.Email,
                    "This is not the password you chose when you signed up. Sign up again to choose another one."),
            FinishSignUpOutcome.TooMany(var wait) => PageParts.TooMany(
                context, wait, "<p>Or <a href=\"/sign-up\">sign up again</a> with a new password.</p>"),
            FinishSignUpOutcome.AddressTaken => AddressTaken(),
            FinishSignUpOutcome.DoesNotWork(var link) => DoesNotWork(link),
            _ => DoesNotWork(new SignUpLink.Used()),
        };

    private static async Task<UserId?> SignedInUser(
        HttpContext context, ICallerSource callers, CancellationToken cancellationToken) =>
        await callers.Identify(context, cancellationToken) is CallerOutcome.Known { Caller.Actor: var actor }
            && Id.TryParse<UserId>(actor, out var user)
            ? user
            : null;

    private static SignInPage AskForPassword(string token, string email, string? complaint) => new(
        complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity,
        "Finish signing up",
        $"""
          <p>Enter the password you chose for <strong>{SignInPage.Text(email)}</strong>.</p>
          {PageParts.Complaint(complaint)}
          <form method="post" action="{Path}">
            {PageParts.Hidden(Token, token)}
            <input type="hidden" name="email" autocomplete="username" value="{SignInPage.Text(email)}">
            {PageParts.Password("Password", Password, "current-password", isFocused: true)}
            <button>Finish</button>
          </form>
          <p class="below">You did not sign up? Close this page, and nothing happens.</p>
        """);

    private static SignInPage AskForButton(string token, string email) =>
        new(StatusCodes.Status200OK, "Confirm your address", $"""
          <p>From now on <strong>{SignInPage.Text(email)}</strong> is known to be yours.</p>
          <form method="post" action="{Path}">
            {PageParts.Hidden(Token, token)}
            <button>Confirm</button>
          </form>
        """);

    private static SignInPage SignInFirst(string token, string email)
    {
        var signIn = PageParts.With(RedirectsToSignIn.Path, $"{Path}?{Token}={token}");
        return new SignInPage(StatusCodes.Status200OK, "Sign in first", $"""
          <p>To confirm <strong>{SignInPage.Text(email)}</strong>, sign in to the account that is to have it.</p>
          <p class="others"><a class="other" href="{SignInPage.Text(signIn)}">Sign in</a></p>
        """);
    }

    private static SignInPage AddressTaken() =>
        new(StatusCodes.Status409Conflict, "This address has an account", """
          <p>It got one meanwhile, by another link. <a href="/sign-in">Sign in</a>, or
            <a href="/forgot-password">set a new password</a>.</p>
        """);

    private static SignInPage DoesNotWork(SignUpLink link) => link switch
    {
        SignUpLink.Used => new(StatusCodes.Status410Gone, "This link was already used", """
          <p>Your account is there: <a href="/sign-in">sign in</a>.</p>
        """),
        SignUpLink.Expired => new(StatusCodes.Status410Gone, "This link has expired", """
          <p><a href="/sign-up">Sign up again</a>, and open the new link soon.</p>
        """),
        _ => Incomplete(),
    };

    private static SignInPage DoesNotWork(EmailToken token) => token switch
    {
        EmailToken.Used => new(StatusCodes.Status410Gone, "This link was already used", """
          <p>Or there is a newer one in your mail. <a href="/account">Your account</a> shows your address.</p>
        """),
        EmailToken.Expired => new(StatusCodes.Status410Gone, "This link has expired", """
          <p>Ask for a new one on <a href="/account">your account's page</a>.</p>
        """),
        _ => Incomplete(),
    };

    private static SignInPage Incomplete() => new(StatusCodes.Status400BadRequest, "This link is not complete", """
          <p>Open it from the mail again, or copy the whole of it.</p>
        """);
}
