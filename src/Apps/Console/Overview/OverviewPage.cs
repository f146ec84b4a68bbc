using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.BrowsePlan;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.ConsolePages.Overview;

/// <summary>Which overview.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Range"><c>1h</c>, <c>24h</c>, <c>7d</c>, <c>30d</c> or <c>custom</c>.</param>
/// <param name="Window"><c>quarter_hour</c>, <c>hour</c> or <c>day</c>.</param>
/// <param name="From">The first day of a custom range.</param>
/// <param name="To">Its last day.</param>
internal sealed record OverviewRequest(
    OrgId? Org = null, string? Range = null, string? Window = null, string? From = null, string? To = null);

/// <summary>Everything the overview shows.</summary>
/// <param name="Range">Over which time.</param>
/// <param name="Now">Balances and the newest of everything; null where only the other parts are wanted.</param>
/// <param name="Usage">Usage over time; null where only the other parts are wanted.</param>
/// <param name="Waiting">Usage without a price; comes with <paramref name="Usage"/>.</param>
/// <param name="Seen">What a page that shows this has seen.</param>
public sealed record OverviewModel(
    OverviewRange Range, OverviewNow? Now, UsageOverTime? Usage, WaitingUsage? Waiting, Seen Seen)
{
    /// <summary>What to do first; null once there are events.</summary>
    public Checklist? Checklist { get; init; }

    /// <summary>The plan's limits that are nearly used up, or more.</summary>
    public IReadOnlyList<LimitStanding> NearLimits { get; init; } = [];
}

/// <summary>Shows an organisation's balance, what it spends, and the newest of everything.</summary>
internal static class OverviewPage
{
    /// <summary><c>GET /</c>.</summary>
    public static IResult Home() => TypedResults.LocalRedirect(Places.Overview);

    /// <summary><c>GET /console</c>.</summary>
    public static Task<IResult> Show(
        Parameters<OverviewRequest> parameters,
        Visits visits,
        OverviewReader reader,
        ChecklistReader checklists,
        Quotas quotas,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var org = frame.RequiredOrg.Id;
            var now = await reader.Now(org, frame.Caller.May(Permission.LedgerRead), cancellationToken);
            var range = await reader.Range(org, parameters.Value, cancellationToken);
            var usage = await reader.Usage(org, frame.Currency, range, cancellationToken);
            var waiting = await reader.Waiting(org, frame.Currency, cancellationToken);
            var seen = new Seen(now.Tag, now.Tag, time.GetUtcNow(), frame.Viewer.ChartWidth);
            var checklist = now.Events.Count == 0 ? await checklists.Read(frame, cancellationToken) : null;
            return frame.Page<OverviewView, OverviewModel>(
                new OverviewModel(range, now, usage, waiting, seen)
                {
                    Checklist = checklist,
                    NearLimits = await NearLimits(quotas, org, cancellationToken),
                });
        },
        cancellationToken);

    private static async Task<IReadOnlyList<LimitStanding>> NearLimits(
        Quotas quotas, OrgId org, CancellationToken cancellationToken) =>
        await quotas.Summary(org, cancellationToken) is { } summary ? [.. summary.Limits.Where(LimitLevel.IsNear)] : [];
}
