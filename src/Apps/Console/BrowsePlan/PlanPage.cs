using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Limiting;

namespace Quoin.ConsolePages.BrowsePlan;

/// <summary>An organisation's plan and how far it is used.</summary>
/// <param name="Summary">The plan, the subscription and the limits.</param>
/// <param name="Now">What time it is, by the organisation's clock.</param>
public sealed record PlanModel(BillingSummary Summary, DateTimeOffset Now);

/// <summary>Shows what the plan allows and how much of it is used.</summary>
internal static class PlanPage
{
    /// <summary><c>GET /console/plan</c>.</summary>
    public static Task<IResult> Show(
        Visits visits,
        Quotas quotas,
        Platform.OrganisationClock clock,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var org = frame.RequiredOrg.Id;
            var now = await clock.Now(org, cancellationToken);
            return await quotas.Summary(org, cancellationToken) is { } summary
                ? frame.Page<PlanView, PlanModel>(new PlanModel(summary, now))
                : frame.NotFound("organisation");
        },
        cancellationToken);
}
