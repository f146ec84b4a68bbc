using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>What somebody gets who proved who they are to the API.</summary>
/// <param name="State"><c>signed_in</c>, or <c>second_factor_needed</c>: then the page asks for a code.</param>
/// <param name="ContinueAt">Where the browser goes next.</param>
internal sealed record SignInProgress(string State, string ContinueAt);

/// <summary>Answers programs and scripts as <see cref="SignedIn"/> answers forms: with the cookie, but in JSON.</summary>
internal sealed class ProofAnswer(SessionCookie cookie)
{
    /// <summary>Writes the cookie of what was started, and says where to go on.</summary>
    public Results<Ok<SignInProgress>, Problem> Of(HttpContext context, SessionStart start, string? returnTo)
    {
        var path = SignedIn.LocalPath(returnTo ?? "/");
        context.Response.Headers.CacheControl = "no-store";
        switch (start)
        {
            case SessionStart.Started(var session):
                cookie.Write(context, session);
                return TypedResults.Ok(new SignInProgress("signed_in", path));
            case SessionStart.SecondFactorNeeded(var ticket):
                cookie.WriteTicket(context, ticket);
                return TypedResults.Ok(new SignInProgress(
                    "second_factor_needed",
                    $"{SignedIn.SecondFactorPath}?{SignedIn.ReturnTo}={Uri.EscapeDataString(path)}"));
            case SessionStart.ShutOut:
                return new Problem(
                    ProofProblems.ShutOut, "This account has been shut out. Ask whoever runs this Quoin.");
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>The refusal of what another site's page sends: it would sign its visitor in as somebody else.</summary>
    public static Problem? CrossSite(HttpContext context) => SameOrigin.Allows(context)
        ? null
        : new Problem(PlatformProblems.CrossSiteRequest, "Signing in was not asked for by one of Quoin's own pages.");
}
