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
    private const string ReturnTo = SignedIn.ReturnTo;

    /// <summary><c>GET /sign-in</c>.</summary>
    public static async Task<IResult> Show(
        HttpRequest request, StartSession starting, CancellationToken cancellationToken)
    {
        var token = request.Query[Token].ToString();
        if (token.Length == 0)
        {
            return HowToGetALink();
        }

        var link = await starting.Look(token, cancellationToken);
        return link is SignInLink.Good(var email)
            ? Button(email, token, request.Query[ReturnTo].ToString())
            : DoesNotWork(link);
    }

    /// <summary><c>POST /sign-in</c>.</summary>
    public static async Task<IResult> Enter(
        HttpContext context, StartSession starting, SignedIn signedIn, CancellationToken cancellationToken)
    {
        if (!SameOrigin.Allows(context))
        {
            return FromAnotherSite();
        }

        var form = await ReadForm(context.Request, cancellationToken);
        var token = form[Token].ToString();
        if (await starting.Use(token, SessionFacts.Of(context), cancellationToken) is not { } start)
        {
            return DoesNotWork(await starting.Look(token, cancellationToken));
        }

        return signedIn.Answer(context, start, form[ReturnTo].ToString());
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
            return FromAnotherSite();
        }

        if (cookie.Read(context.Request) is { } session)
        {
            await starting.End(session, cancellationToken);
        }

        SessionCookie.Remove(context);
        return SignedIn.SeeOther(context.Response, RedirectsToSignIn.Path);
    }

    private static SignInPage HowToGetALink() => new(StatusCodes.Status200OK, "Sign in with a link", """
          <p>Whoever runs this Quoin makes you a link, on the machine it runs on:</p>
          <pre>quoin admin sign-in-link \
            --email you@example.com</pre>
          <p>It works once, within fifteen minutes. Not an operator yet?
            <strong>quoin admin create</strong> makes you one.</p>
        """);

    private static SignInPage Button(string email, string token, string returnTo) =>
        new(StatusCodes.Status200OK, "Sign in to Quoin", $"""
          <p>You are about to sign in as <strong>{SignInPage.Text(email)}</strong>.</p>
          <form method="post" action="/sign-in">
            <input type="hidden" name="{Token}" value="{SignInPage.Text(token)}">
            <input type="hidden" name="{ReturnTo}" value="{SignInPage.Text(SignedIn.LocalPath(returnTo))}">
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

    private static SignInPage FromAnotherSite() =>
        new(StatusCodes.Status403Forbidden, "This came from another site", """
          <p>Another site sent you here with a form. Open your sign-in link yourself.</p>
        """);

    private static async Task<IFormCollection> ReadForm(HttpRequest request, CancellationToken cancellationToken) =>
        request.HasFormContentType ? await request.ReadFormAsync(cancellationToken) : FormCollection.Empty;
}
