using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// The pages at <c>/sign-in</c> and <c>/sign-out</c>. A link's page only shows a button, and the button's form uses the
/// link up: mail scanners and link previews follow links, but they do not press buttons.
/// </summary>
internal static class SignInEndpoints
{
    private const string Token = "token";
    private const string Email = "email";
    private const string Password = "password";
    private const string ReturnTo = SignedIn.ReturnTo;

    /// <summary>What helps somebody who must wait, as HTML.</summary>
    public const string Forgotten =
        "<p>You forgot the password? <a href=\"/forgot-password\">Set a new one</a>: a link in a mail always works.</p>";

    /// <summary><c>GET /sign-in</c>.</summary>
    public static async Task<IResult> Show(
        HttpContext context,
        StartSession starting,
        AccountsOptions options,
        IEnumerable<ISignInButton> others,
        CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        var returnTo = SignedIn.LocalPath(query[ReturnTo].ToString());
        var token = query[Token].ToString();
        if (token.Length == 0)
        {
            return Form(context, options, others, returnTo);
        }

        var link = await starting.Look(token, cancellationToken);
        return link is SignInLink.Good(var email) ? Button(email, token, returnTo) : DoesNotWork(link);
    }

    /// <summary><c>POST /sign-in</c>.</summary>
    public static async Task<IResult> Enter(
        HttpContext context,
        StartSession starting,
        SignInWithPassword passwords,
        SignedIn signedIn,
        AccountsOptions options,
        IEnumerable<ISignInButton> others,
        CancellationToken cancellationToken)
    {
        if (!SameOrigin.Allows(context))
        {
            return PageParts.FromAnotherSite();
        }

        var form = await PageParts.ReadForm(context.Request, cancellationToken);
        var returnTo = form[ReturnTo].ToString();
        var token = form[Token].ToString();
        if (!form.ContainsKey(Email))
        {
            return await starting.Use(token, SessionFacts.Of(context), cancellationToken) is { } start
                ? signedIn.Answer(context, start, returnTo)
                : DoesNotWork(await starting.Look(token, cancellationToken));
        }

        var email = form[Email].ToString().Trim();
        var outcome = await passwords.Handle(
            email,
            form[Password].ToString(),
            SessionFacts.Of(context),
            cancellationToken);
        return outcome switch
        {
            PasswordSignInOutcome.Right(var start) => signedIn.Answer(context, start, returnTo),
            PasswordSignInOutcome.Wrong => Form(
                context,
                options,
                others,
                SignedIn.LocalPath(returnTo),
                email,
                "The address or the password is not right. Check both, or set a new password."),
            PasswordSignInOutcome.TooMany(var wait) => PageParts.TooMany(context, wait, Forgotten),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary><c>GET /sign-out</c>.</summary>
    public static IResult ShowSignOut() => new SignInPage(StatusCodes.Status200OK, "Sign out?", """
          <p>This ends your session on every window of this browser.</p>
          <form method="post" action="/sign-out"><button>Sign out</button></form>
        """);

    /// <summary><c>POST /sign-out</c>.</summary>
    public static async Task<IResult> Leave(
        HttpContext context, StartSession starting, SessionCookie cookie, CancellationToken cancellationToken)
    {
        if (!SameOrigin.Allows(context))
        {
            return PageParts.FromAnotherSite();
        }

        if (cookie.Read(context.Request) is { } session)
        {
            await starting.End(session, cancellationToken);
        }

        SessionCookie.Remove(context);
        return SignedIn.SeeOther(context.Response, RedirectsToSignIn.Path);
    }

    private static SignInPage Form(
        HttpContext context,
        AccountsOptions options,
        IEnumerable<ISignInButton> others,
        string returnTo,
        string email = "",
        string? complaint = null)
    {
        var buttons = string.Concat(others.Select(other => other.Html(context, returnTo)));
        var isInvited = options.SignUp == SignUpPolicy.Invited
            && returnTo.StartsWith($"{InvitationPages.Path}/", StringComparison.Ordinal);
        var signUp = isInvited || options.SignUp == SignUpPolicy.Open
            ? $"""<p class="below">New here? <a href="{SignInPage.Text(PageParts.With("/sign-up", returnTo))}">Sign up</a></p>"""
            : """<p class="below">No account? Ask whoever runs this Quoin to invite you.</p>""";
        return new SignInPage(
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status401Unauthorized,
            "Sign in to Quoin",
            $"""
              {PageParts.Complaint(complaint)}
              <form method="post" action="{RedirectsToSignIn.Path}">
                {PageParts.Field("E-mail", Email, "email", "username", email, isFocused: email.Length == 0)}
                {PageParts.Password(
                    "Password",
                    Password,
                    "current-password",
                    beside: "<a href=\"/forgot-password\">Forgot it?</a>",
                    isFocused: email.Length > 0)}
                {PageParts.Hidden(ReturnTo, returnTo)}
                <button>Sign in</button>
              </form>
              {(buttons.Length == 0 ? "" : $"""<p class="or">or</p><div class="others">{buttons}</div>""")}
              {signUp}
              <details><summary>Running this Quoin without a password?</summary>
                <p>Make yourself a link on the machine it runs on; it works once, within fifteen minutes:</p>
                <pre>quoin admin sign-in-link \
              --email you@example.com</pre>
                <p>Not an operator yet? <strong>quoin admin create</strong> makes you one.</p></details>
            """);
    }

    private static SignInPage Button(string email, string token, string returnTo) =>
        new(StatusCodes.Status200OK, "Sign in to Quoin", $"""
          <p>You are about to sign in as <strong>{SignInPage.Text(email)}</strong>.</p>
          <form method="post" action="/sign-in">
            {PageParts.Hidden(Token, token)}
            {PageParts.Hidden(ReturnTo, returnTo)}
            <button>Sign in</button>
          </form>
        """);

    private static SignInPage DoesNotWork(SignInLink link)
    {
        var (status, title) = link switch
        {
            SignInLink.Used => (StatusCodes.Status410Gone, "This link was already used"),
            SignInLink.Expired => (StatusCodes.Status410Gone, "This link has expired"),
            SignInLink.Good => (StatusCodes.Status409Conflict, "That took too long; open the link again"),
            _ => (StatusCodes.Status400BadRequest, "This link is not complete"),
        };
        return new SignInPage(status, title, """
          <p>A sign-in link works once, within fifteen minutes, and only as a whole. Make a new one:</p>
          <pre>quoin admin sign-in-link \
            --email you@example.com</pre>
        """);
    }
}
