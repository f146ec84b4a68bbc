using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.ConsolePages.SellPlans;

/// <summary>The page of what is on sale, as it is asked for.</summary>
/// <param name="Org">The organisation that stays in the menu.</param>
/// <param name="Said">What was just done.</param>
internal sealed record CatalogueRequest(OrgId? Org = null, string? Said = null);

/// <summary>What can be sold.</summary>
/// <param name="Prices">Every published version with a fee, in each mode.</param>
/// <param name="Items">What is sold once.</param>
/// <param name="Said">What was just done, or why nothing was; null nothing.</param>
/// <param name="IsComplaint">Whether nothing was.</param>
public sealed record CatalogueModel(
    IReadOnlyList<PlanPriceRow> Prices, IReadOnlyList<CatalogueItem> Items, string? Said, bool IsComplaint);

/// <summary>Shows what can be sold and how its prices stand at the provider, and brings one there.</summary>
internal static class CataloguePages
{
    /// <summary><c>GET /console/finance/catalogue</c>.</summary>
    public static Task<IResult> Show(
        Parameters<CatalogueRequest> parameters,
        Visits visits,
        PlanPrices prices,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => Page(
            frame,
            prices,
            parameters.Value.Said == "synced" ? "The provider was asked; below is how its prices stand now." : null,
            false,
            cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/finance/catalogue</c>.</summary>
    public static Task<IResult> Sync(
        Parameters<CatalogueRequest> parameters,
        Visits visits,
        PlanPrices prices,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            return Id.TryParse<PlanVersionId>(form["plan"], out var plan)
                && await prices.Sync(plan, frame.Caller.Actor, cancellationToken) is not null
                ? PostedForm.SeeOther(context, frame.To(Places.SoldPlans, ("said", "synced")))
                : await Page(frame, prices, "There is no such published plan with a fee.", true, cancellationToken);
        },
        cancellationToken);

    private static async Task<IResult> Page(
        Frame frame, PlanPrices prices, string? said, bool isComplaint, CancellationToken cancellationToken) =>
        frame.Page<CatalogueView, CatalogueModel>(
            new(await prices.All(cancellationToken), await prices.Items(cancellationToken), said, isComplaint),
            isComplaint ? StatusCodes.Status404NotFound : StatusCodes.Status200OK);
}
