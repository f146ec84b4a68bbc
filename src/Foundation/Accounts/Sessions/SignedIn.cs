using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quoin.Accounts;

/// <summary>The answer to somebody whose session began, once that is committed: the cookie, and where they go.</summary>
internal sealed class SignedIn(SessionCookie cookie)
{
    /// <summary>Where the second factor is asked for.</summary>
    public const string SecondFactorPath = "/second-factor";

    /// <summary>The parameter that carries the page somebody wanted through all pages of signing in.</summary>
    public const string ReturnTo = "return_to";

    /// <summary>Writes the cookie and sends them on with a 303.</summary>
    /// <param name="context">The request that proved who they are.</param>
    /// <param name="start">What the starter said.</param>
    /// <param name="returnTo">The page they wanted, as asked for: anything but a path of this host becomes <c>/</c>.</param>
    public IResult Answer(HttpContext context, SessionStart start, string returnTo)
    {
        var path = LocalPath(returnTo);
        switch (start)
        {
            case SessionStart.Started(var session):
                cookie.Write(context, session);
                return SeeOther(context.Response, path);
            case SessionStart.SecondFactorNeeded(var ticket):
                cookie.WriteTicket(context, ticket);
                return SeeOther(
                    context.Response, $"{SecondFactorPath}?{ReturnTo}={Uri.EscapeDataString(path)}");
            case SessionStart.ShutOut:
                return new SignInPage(StatusCodes.Status403Forbidden, "You cannot sign in", """
                  <p>This account has been shut out. Ask whoever runs this Quoin.</p>
                """);
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Only a path of this host: "//evil.example" and "/\evil.example" are other hosts to a browser.</summary>
    public static string LocalPath(string asked) =>
        asked is ['/'] || (asked is ['/', not ('/' or '\\'), ..] && !asked.Any(char.IsControl)) ? asked : "/";

    /// <summary>303: the browser follows with a GET, and going back does not send the form again.</summary>
    public static StatusCodeHttpResult SeeOther(HttpResponse response, string path)
    {
        response.Headers.Location = path;
        return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
    }
}
