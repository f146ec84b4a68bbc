using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Endpoint metadata: what the endpoint changes needs a proof of who sends it within <see cref="Limits.ProofIsRecentFor"/>.
/// </summary>
/// <param name="Page">The page whose form is sent to the endpoint, to come back to; null for the API.</param>
public sealed record RecentSignIn(string? Page)
{
    /// <summary>Where somebody signed in proves once more that it is them; gets the page to return to.</summary>
    public const string Path = "/confirm";

    /// <summary>The page that asks, with where it leads back to.</summary>
    /// <param name="returnTo">A path of this host.</param>
    public static string PathFor(string returnTo) => PageParts.With(Path, returnTo);

    internal static Problem Required() => new(
        AccountsProblems.RecentSignInRequired,
        $"The last proof that it is you is more than {PageParts.Of(Limits.ProofIsRecentFor)} old.");
}

/// <summary>How endpoints state that they need a proof that is fresh.</summary>
public static class RecentSignInExtensions
{
    /// <summary>Refuses who proved who they are too long ago: the API with a problem, a page by leading to the one that asks.</summary>
    /// <param name="endpoint">The endpoint; its callers are people.</param>
    /// <param name="page">The page its form stands on, to come back to; null for the API.</param>
    public static RouteHandlerBuilder NeedsRecentSignIn(this RouteHandlerBuilder endpoint, string? page = null)
    {
        var needed = new RecentSignIn(page);
        return endpoint
            .WithMetadata(needed)
            .MayAnswer(page is null ? [AccountsProblems.RecentSignInRequired] : [])
            .AddEndpointFilter((invocation, next) => Check(needed, invocation, next));
    }

    private static async ValueTask<object?> Check(
        RecentSignIn needed, EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var present = context.RequestServices.GetRequiredService<PresentSession>();
        if (await present.Of(context, context.Caller().Person(), context.RequestAborted) is { IsRecent: true })
        {
            return await next(invocation);
        }

        return needed.Page is { } page
            ? SignedIn.SeeOther(context.Response, RecentSignIn.PathFor(page))
            : RecentSignIn.Required();
    }
}
