using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Quoin.Accounts;

/// <summary>The pages at <c>/forgot-password</c> and <c>/reset-password</c>.</summary>
internal static class ResetPasswordEndpoints
{
    /// <summary>Where one asks for a link.</summary>
    public const string AskPath = "/forgot-password";

    private const string Path = "/reset-password";
    private const string Token = "token";
    private const string Sent = "sent";

    /// <summary><c>GET /forgot-password</c>.</summary>
    public static IResult ShowAsk(HttpRequest request) =>
        request.Query.ContainsKey(Sent) ? MailSent() : AskForm("", null);

    /// <summary><c>POST /forgot-password</c>.</summary>
    public static async Task<IResult> Ask(
        HttpContext context, ResetPassword handler, CancellationToken cancellationToken)
    {
        if (!SameOrigin.Allows(context))
        {
            return PageParts.FromAnotherSite();
        }

        var form = await PageParts.ReadForm(context.Request, cancellationToken);
        var email = form["email"].ToString().Trim();
        return await handler.Ask(context.Request, email, cancellationToken) switch
        {
            AskForResetOutcome.Invalid(var problem) => AskForm(email, problem),
            AskForResetOutcome.NoPublicUrl => PageParts.NoPublicUrl(),
            AskForResetOutcome.TooMany(var wait) => PageParts.TooMany(
                context, wait, "<p>Look into your mail first, the folder for spam included: the newest link works.</p>"),
            AskForResetOutcome.MailSent => SignedIn.SeeOther(context.Response, $"{AskPath}?{Sent}=1"),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary><c>GET /reset-password</c>.</summary>
    public static async Task<IResult> Show(
        HttpRequest request, ResetPassword handler, CancellationToken cancellationToken)
    {
        var token = request.Query[Token].ToString();
        return await handler.Look(token, cancellationToken) is var link && link is EmailToken.Good(_, var email)
            ? Form(token, email, null)
            : DoesNotWork(link);
    }

    /// <summary><c>POST /reset-password</c>.</summary>
    public static async Task<IResult> Reset(
        HttpContext context, ResetPassword handler, SignedIn signedIn, CancellationToken cancellationToken)
    {
        if (!SameOrigin.Allows(context))
        {
            return PageParts.FromAnotherSite();
        }

        var form = await PageParts.ReadForm(context.Request, cancellationToken);
        var token = form[Token].ToString();
        var outcome = await handler.Handle(
            context.Request, token, form["password"].ToString(), SessionFacts.Of(context), cancellationToken);
        return outcome switch
        {
            ResetPasswordOutcome.Done(var start) => signedIn.Answer(context, start, "/"),
            ResetPasswordOutcome.Invalid(var problem) => Form(token, form["email"].ToString(), problem),
            ResetPasswordOutcome.DoesNotWork(var link) => DoesNotWork(link),
            _ => throw new UnreachableException(),
        };
    }

    private static SignInPage AskForm(string email, string? wrong) => new(
        wrong is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity,
        "Set a new password",
        $"""
          <p>Give the address you sign in with, and a link comes by mail.</p>
          <form method="post" action="{AskPath}">
            {PageParts.Field("E-mail", "email", "email", "username", email, wrong, isFocused: true)}
            <button>Send the link</button>
          </form>
          <p class="below"><a href="/sign-in">Back to signing in</a></p>
        """);

    private static SignInPage MailSent() => new(StatusCodes.Status200OK, "Look into your mail", """
          <p>A mail is on its way to the address you gave. Its link works once, for half an hour.</p>
          <p>Nothing there after some minutes? Look into the folder for spam, check the address, and
            <a href="/forgot-password">ask again</a>.</p>
        """);

    private static SignInPage Form(string token, string email, string? wrong) => new(
        wrong is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity,
        "Choose a new password",
        $"""
          <p>For <strong>{SignInPage.Text(email)}</strong>. Every session ends, on every device.</p>
          <form method="post" action="{Path}">
            {PageParts.Hidden(Token, token)}
            <input type="hidden" name="email" autocomplete="username" value="{SignInPage.Text(email)}">
            {PageParts.Password(
                "New password", "password", "new-password", wrong,
                $"At least {Limits.PasswordLettersMin} letters, and none of the common ones.", isFocused: true)}
            <button>Set it and sign in</button>
          </form>
        """);

    private static SignInPage DoesNotWork(EmailToken link)
    {
        var (status, title) = link switch
        {
            EmailToken.Used => (StatusCodes.Status410Gone, "This link was already used"),
            EmailToken.Expired => (StatusCodes.Status410Gone, "This link has expired"),
            _ => (StatusCodes.Status400BadRequest, "This link is not complete"),
        };
        return new SignInPage(status, title, """
          <p>A link works once, for half an hour, and only the newest one. <a href="/forgot-password">Ask for a new
            one</a>.</p>
        """);
    }
}
