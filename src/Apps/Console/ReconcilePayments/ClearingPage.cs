using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.ConsolePages.ReconcilePayments;

/// <summary>The clearing page, as it is asked for.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Cursor">Where movements that belong to nobody go on.</param>
internal sealed record ClearingRequest(OrgId? Org = null, Cursor<(DateTimeOffset MovedAt, string Id)>? Cursor = null);

/// <summary>The books beside what the provider moved.</summary>
/// <param name="Report">Of the organisation.</param>
/// <param name="Strays">A page of what the provider moved and belongs to nobody.</param>
/// <param name="Cursor">Where that page began; null on the first one.</param>
/// <param name="Next">Where the next one begins; null on the last one.</param>
public sealed record ClearingModel(
    ClearingAnswer Report, IReadOnlyList<UnattributedMove> Strays, string? Cursor, string? Next);

/// <summary>Shows the books beside what the provider moved, and what belongs to nobody.</summary>
internal static class ClearingPage
{
    /// <summary><c>GET /console/finance/clearing</c>.</summary>
    public static Task<IResult> Show(
        Parameters<ClearingRequest> parameters,
        Visits visits,
        PaymentReconciliations reconciliations,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var cursor = parameters.Value.Cursor;
            var limit = new PageLimit(Limits.RowsPerPage);
            var rows = await reconciliations.Unattributed(
                null, cursor?.Keys.MovedAt, cursor?.Keys.Id, limit.RowsToFetch, cancellationToken);
            var page = Page.Of(rows, limit, row => (row.MovedAt, row.ProviderMoveId));
            var report = await reconciliations.Clearing(frame.RequiredOrg.Id, cancellationToken);
            return frame.Page<ClearingView, ClearingModel>(new(report, page.Data, cursor?.ToString(), page.NextCursor));
        },
        cancellationToken);
}
