using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// The pages at <c>/sign-in/with/{name}</c>. A visitor leaves by a page of ours that goes on by itself: the policy of our
/// pages lets forms lead nowhere else (<c>form-action 'self'</c>), redirects after them included.
/// </summary>
internal static class ElsewhereEndpoints
{
    /// <summary>The page of a service.</summary>
    public static string PathOf(string name) => $"/sign-in/with/{name}";

    /// <summary>Where a person connects a service with their account.</summary>
    public static string ConnectPathOf(string name) => $"/account/connections/{name}";

    /// <summary><c>POST /sign-in/with/{name}</c>: leave to sign in.</summary>
    public static async Task<IResult> Leave(
        string name,
        HttpContext context,
        ExternalProviders providers,
        ExternalStates states,
        PublicLinks links,
        CancellationToken cancellationToken)
    {
        if (!SameOrigin.Allows(context))
        {
            return PageParts.FromAnotherSite();
        }

        return await Leave(context, name, providers, states, links, user: null, cancellationToken);
    }

    /// <summary><c>POST /account/connections/{name}</c>: leave to connect.</summary>
    public static Task<IResult> Connect(
        string name,
        HttpContext context,
        ExternalProviders providers,
        ExternalStates states,
        PublicLinks links,
        CancellationToken cancellationToken) =>
        Leave(context, name, providers, states, links, context.Caller().Person(), cancellationToken);

    /// <summary><c>GET /sign-in/with/{name}/callback</c>: back from there.</summary>
    public static async Task<IResult> Return(
        string name,
        HttpContext context,
        ExternalProviders providers,
        PublicLinks links,
        SignInElsewhere handler,
        SignedIn signedIn,
        ICallerSource callers,
        CancellationToken cancellationToken)
    {
        if (providers.Find(name) is not { } provider)
        {
            return NotOffered();
        }

        if (links.Origin(context.Request) is not { } origin)
        {
            return PageParts.NoPublicUrl();
        }

        var query = context.Request.Query;
        var code = query["code"].ToString();
        var issuer = query["iss"].ToString();
        var callback = new ExternalCallback(
            query["state"].ToString(),
            code.Length is > 0 and <= Limits.ReturnToLettersMax && !query.ContainsKey("error") ? code : null,
            issuer.Length > 0 ? issuer : null);
        var person = await Person(context, callers, cancellationToken);
        var outcome = await handler.Handle(
            context, provider, RedirectUri(origin, name), callback, person, cancellationToken);
        return outcome is SignInElsewhereOutcome.Proved(var start, var returnTo)
            ? signedIn.Answer(context, start, returnTo)
            : Answer(context, provider.Options.Title, outcome);
    }

    private static IResult Answer(HttpContext context, string title, SignInElsewhereOutcome outcome) => outcome switch
    {
        SignInElsewhereOutcome.Connected(var returnTo) => SignedIn.SeeOther(context.Response, SignedIn.LocalPath(returnTo)),
        SignInElsewhereOutcome.Declined(var returnTo) => Page(
            StatusCodes.Status403Forbidden, $"{title} did not sign you in", "It was cancelled there.", returnTo),
        SignInElsewhereOutcome.StateGone => Page(
            StatusCodes.Status400BadRequest,
            "That took too long, or began in another browser",
            "Signing in works once, within ten minutes, in the browser it began in.",
            "/"),
        SignInElsewhereOutcome.NotProved => Page(
            StatusCodes.Status502BadGateway,
            $"{title} could not say who you are",
            "Try again in a moment. Whoever runs this Quoin finds the reason in its log.",
            "/"),
        SignInElsewhereOutcome.NotInvited => Page(
            StatusCodes.Status403Forbidden,
            "There is no account for you here",
            $"Nobody is known by this account at {title}, and new people come by invitation, with the address it was mailed to.",
            "/"),
        SignInElsewhereOutcome.AddressTaken(var email) => Page(
            StatusCodes.Status409Conflict,
            "You have an account already",
            $"Sign in to the account of {email} as you usually do, then connect {title} on your account's page.",
            "/account"),
        SignInElsewhereOutcome.AnotherPerson => Page(
            StatusCodes.Status409Conflict,
            "Somebody else is signed in now",
            "Sign in again, and connect from your account's page.",
            "/account"),
        SignInElsewhereOutcome.CannotConnect => Page(
            StatusCodes.Status409Conflict,
            $"This account at {title} is connected with somebody else",
            "Sign in with it and remove it there first.",
            "/account"),
        _ => throw new UnreachableException(),
    };

    private static async Task<IResult> Leave(
        HttpContext context,
        string name,
        ExternalProviders providers,
        ExternalStates states,
        PublicLinks links,
        UserId? user,
        CancellationToken cancellationToken)
    {
        if (providers.Find(name) is not { } provider)
        {
            return NotOffered();
        }

        if (links.Origin(context.Request) is not { } origin)
        {
            return PageParts.NoPublicUrl();
        }

        var form = await PageParts.ReadForm(context.Request, cancellationToken);
        var asked = form[SignedIn.ReturnTo].ToString();
        var returnTo = asked.Length > Limits.ReturnToLettersMax ? "/" : SignedIn.LocalPath(asked);
        var request = await states.Remember(
            context, name, RedirectUri(origin, name), user, returnTo, cancellationToken);
        return await provider.Authorize(request, cancellationToken) is { } address
            ? Hop(provider.Options.Title, address)
            : Page(
                StatusCodes.Status502BadGateway,
                $"{provider.Options.Title} does not answer",
                "Try again in a moment, or sign in another way.",
                returnTo);
    }

    private static SignInPage Hop(string title, Uri address)
    {
        var there = SignInPage.Text(address.OriginalString);
        return new SignInPage(StatusCodes.Status200OK, $"On to {title}", $"""
              <meta http-equiv="refresh" content="0;url={there}">
              <a class="other" href="{there}">Continue at {SignInPage.Text(title)}</a>
            """);
    }

    private static SignInPage NotOffered() => Page(
        StatusCodes.Status404NotFound, "This way of signing in is not offered here", "The sign-in page shows which are.", "/");

    private static SignInPage Page(int status, string title, string text, string returnTo) => new(status, title, $"""
          <p>{SignInPage.Text(text)}</p>
          <a class="other" href="{SignInPage.Text(PageParts.With(RedirectsToSignIn.Path, SignedIn.LocalPath(returnTo)))}">Sign in</a>
        """);

    private static string RedirectUri(Uri origin, string name) => $"{PublicLinks.Text(origin)}{PathOf(name)}/callback";

    private static async Task<UserId?> Person(
        HttpContext context, ICallerSource callers, CancellationToken cancellationToken) =>
        await callers.Identify(context, cancellationToken) is CallerOutcome.Known { Caller: var caller }
        && Id.TryParse<UserId>(caller.Actor, out var user)
            ? user
            : null;
}
