using Microsoft.AspNetCore.Http;
using Quoin.Charging;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseLedger;

/// <summary>One transfer.</summary>
/// <param name="Transfer">Its id.</param>
/// <param name="Org">The organisation.</param>
/// <param name="Cursor">Where its rated lines go on.</param>
internal sealed record TransferRequest(TransferId Transfer, OrgId? Org = null, Cursor<RatedLineId>? Cursor = null);

/// <summary>A page of transfers, newest first.</summary>
/// <param name="Transfers">The transfers.</param>
/// <param name="Search">What they were searched by.</param>
/// <param name="Cursor">Where it began; null for the first page.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record TransferList(
    IReadOnlyList<Transfer> Transfers, TransferSearch Search, string? Cursor, string? Next);

/// <summary>One transfer: its entries, and the rated lines it posted.</summary>
/// <param name="Transfer">The transfer.</param>
/// <param name="Entries">The entries, in their order.</param>
/// <param name="Lines">A page of the rated lines, newest first; none for a transfer that posts no usage.</param>
/// <param name="Meters">All meters.</param>
/// <param name="Corrections">Its corrections, newest first; for those who may correct.</param>
/// <param name="Form">What a form that asks for a reversal is called; null where none may be asked for.</param>
/// <param name="Cursor">Where that began; null for the first page.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record TransferDetail(
    Transfer Transfer,
    IReadOnlyList<Entry> Entries,
    IReadOnlyList<RatedLine> Lines,
    IReadOnlyCollection<Meter> Meters,
    IReadOnlyList<Correction> Corrections,
    string? Form,
    string? Cursor,
    string? Next);

/// <summary>Shows transfers.</summary>
internal static class TransferPages
{
    /// <summary><c>GET /console/transfers</c>.</summary>
    public static Task<IResult> List(
        Visits visits,
        Ledger.Ledger ledger,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var search = new TransferSearch(context.Request);
            var cursor = Cursor<TransferId>.Read(FormText.Of(context.Request, "cursor") ?? string.Empty);
            var limit = new PageLimit(Limits.RowsPerPage);
            var rows = search.IsReadable
                ? await ledger.Transfers(
                    frame.RequiredOrg.Id, search.Filter, cursor?.Keys, limit.RowsToFetch, cancellationToken)
                : [];
            var page = Page.Of(rows, limit, row => row.Id);
            return frame.Page<TransfersView, TransferList>(new(page.Data, search, cursor?.ToString(), page.NextCursor));
        },
        cancellationToken);

    /// <summary><c>GET /console/transfers/{transfer}</c>.</summary>
    public static Task<IResult> One(
        Parameters<TransferRequest> parameters,
        Visits visits,
        Ledger.Ledger ledger,
        Corrections corrections,
        Charging.Charging charging,
        Metering.Metering metering,
        IdSource ids,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var org = frame.RequiredOrg.Id;
            if (await ledger.Transfer(org, parameters.Value.Transfer, cancellationToken) is not { } transfer)
            {
                return frame.NotFound("transfer");
            }

            var entries = await ledger.Entries(
                org, new EntryFilter(null, null, transfer.Id), before: null, Limits.EntriesPerTransfer, cancellationToken);
            var cursor = parameters.Value.Cursor;
            var limit = new PageLimit(Limits.RowsPerPage);
            var lines = await charging.Lines(
                org, new LineFilter(null, transfer.Id), cursor?.Keys, limit.RowsToFetch, cancellationToken);
            var page = Page.Of(lines, limit, line => line.Id);
            var meters = await metering.Meters(cancellationToken);
            var isCorrector = frame.Caller.May(Permission.LedgerWrite);
            var corrected = isCorrector
                ? await corrections.Newest(
                    org, new CorrectionFilter(transfer.Id, State: null), before: null, Limits.CorrectionsOfTransfer, cancellationToken)
                : [];
            var isOpen = isCorrector && transfer.ReversedBy is null && entries.Count > 0
                && corrected.All(one => one.Asked.Kind != CorrectionKind.Reversal || one.State != CorrectionState.Requested);
            return frame.Page<TransferView, TransferDetail>(new(
                transfer,
                [.. entries.Reverse()],
                page.Data,
                meters,
                corrected,
                isOpen ? ids.Next().ToString("N") : null,
                cursor?.ToString(),
                page.NextCursor));
        },
        cancellationToken);
}
