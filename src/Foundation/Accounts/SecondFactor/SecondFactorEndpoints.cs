using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The page at <c>/second-factor</c>, between a password that was right and a session.</summary>
internal static class SecondFactorEndpoints
{
    private const string Code = "code";

    /// <summary><c>GET /second-factor</c>.</summary>
    public static async Task<IResult> Show(
        HttpContext context,
        SessionCookie cookie,
        GiveSecondFactor handler,
        IEnumerable<ISecondFactorButton> others,
        CancellationToken cancellationToken)
    {
        var returnTo = SignedIn.LocalPath(context.Request.Query[SignedIn.ReturnTo].ToString());
        return cookie.ReadTicket(context.Request) is { } ticket && await handler.IsGood(ticket, cancellationToken)
            ? Form(context, others, returnTo, null)
            : SignedIn.SeeOther(context.Response, PageParts.With(RedirectsToSignIn.Path, returnTo));
    }

    /// <summary><c>POST /second-factor</c>.</summary>
    public static async Task<IResult> Give(
        HttpContext context,
        SessionCookie cookie,
        GiveSecondFactor handler,
        SignedIn signedIn,
        IEnumerable<ISecondFactorButton> others,
        CancellationToken cancellationToken)
    {
        if (!SameOrigin.Allows(context))
        {
            return PageParts.FromAnotherSite();
        }

        var form = await PageParts.ReadForm(context.Request, cancellationToken);
        var returnTo = SignedIn.LocalPath(form[SignedIn.ReturnTo].ToString());
        var outcome = cookie.ReadTicket(context.Request) is { } ticket
            ? await handler.Handle(ticket, form[Code].ToString().Trim(), SessionFacts.Of(context), cancellationToken)
            : new GiveSecondFactorOutcome.SignInAgain();
        return outcome switch
        {
            GiveSecondFactorOutcome.Done(var start) => signedIn.Answer(context, start, returnTo),
            GiveSecondFactorOutcome.WrongCode => Form(
                context,
                others,
                returnTo,
                "This code is not right, or was used before. Wait for the next one, or use a recovery code."),
            GiveSecondFactorOutcome.TooMany(var wait) => PageParts.TooMany(context, wait, ""),
            GiveSecondFactorOutcome.SignInAgain => SignedIn.SeeOther(
                context.Response, PageParts.With(RedirectsToSignIn.Path, returnTo)),
            _ => throw new UnreachableException(),
        };
    }

    private static SignInPage Form(
        HttpContext context, IEnumerable<ISecondFactorButton> others, string returnTo, string? complaint)
    {
        var buttons = string.Concat(others.Select(other => other.Html(context, returnTo)));
        return new SignInPage(
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status401Unauthorized,
            "One more step",
            $"""
              <p>Enter the code your authenticator app shows for Quoin.</p>
              {PageParts.Complaint(complaint)}
              <form method="post" action="{SignedIn.SecondFactorPath}">
                {PageParts.Code("Code", Code)}
                {PageParts.Hidden(SignedIn.ReturnTo, returnTo)}
                <button>Go on</button>
              </form>
              {(buttons.Length == 0 ? "" : $"""<p class="or">or</p><div class="others">{buttons}</div>""")}
              <p class="hint">No phone at hand? A recovery code works in its place, once. None left? Ask whoever runs this
                Quoin.</p>
            """);
    }
}

/// <summary>Another second factor than a code: what the page shows of it.</summary>
internal interface ISecondFactorButton
{
    /// <summary>The HTML of a button or a form, already encoded; null where the visitor has none of this kind.</summary>
    /// <param name="context">The request for the page; it carries the ticket's cookie.</param>
    /// <param name="returnTo">The path to lead to once somebody is in; a path of this host.</param>
    string? Html(HttpContext context, string returnTo);
}
