using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;

namespace Quoin.ConsolePages.BrowseLedger;

/// <summary>The charts of an organisation, at an instant.</summary>
/// <param name="Charts">One for each billing account and currency.</param>
/// <param name="AsOf">As they stood; null is now.</param>
/// <param name="Unread">What was asked for and is no instant; null where it is one, or nothing was asked.</param>
public sealed record ChartModel(IReadOnlyList<ChartOfAccounts> Charts, DateTimeOffset? AsOf, string? Unread);

/// <summary>Shows what stands on which account, and that the books balance.</summary>
internal static class ChartPage
{
    /// <summary><c>GET /console/ledger</c>.</summary>
    public static Task<IResult> Show(
        Visits visits,
        Ledger.Ledger ledger,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var org = frame.RequiredOrg.Id;
            var asked = FormText.Of(context.Request, "as_of");
            var asOf = FormText.Instant(asked);
            var charts = asOf is { } instant
                ? ChartOfAccounts.Of(await ledger.BalancesAt(org, billingAccount: null, instant, cancellationToken))
                : ChartOfAccounts.Of(await ledger.Balances(org, billingAccount: null, cancellationToken));
            return frame.Page<ChartView, ChartModel>(new(charts, asOf, asOf is null ? asked : null));
        },
        cancellationToken);
}
