using Microsoft.AspNetCore.Http;
using Quoin.Charging;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.ShadowRate;

/// <summary>Shadow ratings.</summary>
/// <param name="Org">The organisation.</param>
internal sealed record ShadowsRequest(OrgId? Org = null);

/// <summary>Shadow ratings with what they come to, newest first.</summary>
/// <param name="Ratings">The ratings.</param>
public sealed record ShadowList(IReadOnlyList<(ShadowRating Rating, ShadowResult Result)> Ratings);

/// <summary>Shows what usage would have cost at other prices.</summary>
internal static class ShadowPages
{
    private const int Shown = 20;

    /// <summary><c>GET /console/shadow-ratings</c>.</summary>
    public static Task<IResult> List(
        Parameters<ShadowsRequest> parameters,
        Visits visits,
        ShadowRatings ratings,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var found = new List<(ShadowRating, ShadowResult)>();
            foreach (var rating in await ratings.Newest(null, Shown, cancellationToken))
            {
                found.Add((rating, await ratings.Result(rating, cancellationToken)));
            }

            return frame.Page<ShadowsView, ShadowList>(new(found));
        },
        cancellationToken);
}
