using Microsoft.AspNetCore.Http;
using Quoin.Charging;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseLedger;

/// <summary>A page of ledger entries.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Account">Only on this account of the chart.</param>
/// <param name="BillingAccount">Only of this billing account.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record EntriesRequest(
    OrgId? Org = null,
    AccountId? Account = null,
    BillingAccountId? BillingAccount = null,
    Cursor<(TransferId Transfer, int Ordinal)>? Cursor = null);

/// <summary>One transfer.</summary>
/// <param name="Transfer">Its id.</param>
/// <param name="Org">The organisation.</param>
/// <param name="Cursor">Where its rated lines go on.</param>
internal sealed record TransferRequest(TransferId Transfer, OrgId? Org = null, Cursor<RatedLineId>? Cursor = null);

/// <summary>A page of ledger entries, newest first.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Accounts">The accounts of the charts, to choose from.</param>
/// <param name="Account">The one chosen; null for all.</param>
/// <param name="BillingAccount">The billing account chosen; null for all.</param>
/// <param name="Cursor">Where it began; null for the first page.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record EntryList(
    IReadOnlyList<Entry> Entries,
    IReadOnlyList<AccountBalance> Accounts,
    AccountBalance? Account,
    BillingAccountId? BillingAccount,
    string? Cursor,
    string? Next);

/// <summary>One transfer: its entries, and the rated lines it posted.</summary>
/// <param name="Entries">The entries, in their order.</param>
/// <param name="Lines">A page of the rated lines, newest first; none for a transfer that posts no usage.</param>
/// <param name="Meters">All meters.</param>
/// <param name="Cursor">Where that began; null for the first page.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record TransferDetail(
    IReadOnlyList<Entry> Entries,
    IReadOnlyList<RatedLine> Lines,
    IReadOnlyCollection<Meter> Meters,
    string? Cursor,
    string? Next);

/// <summary>Shows the books.</summary>
internal static class LedgerPages
{
    /// <summary><c>GET /console/entries</c>.</summary>
    public static Task<IResult> Entries(
        Parameters<EntriesRequest> parameters,
        Visits visits,
        Ledger.Ledger ledger,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var (_, account, billingAccount, cursor) = parameters.Value;
            var org = frame.RequiredOrg.Id;
            var accounts = await ledger.Balances(org, billingAccount: null, cancellationToken);
            var chosen = accounts.FirstOrDefault(one => one.Id == account);
            if (account is not null && chosen is null)
            {
                return frame.NotFound("account");
            }

            EntryPosition? before = cursor is { Keys: var keys } ? new(keys.Transfer, (short)keys.Ordinal) : null;
            var limit = new PageLimit(Limits.RowsPerPage);
            var filter = new EntryFilter(billingAccount, account, Transfer: null);
            var rows = await ledger.Entries(org, filter, before, limit.RowsToFetch, cancellationToken);
            var page = Page.Of(rows, limit, row => (row.Position.Transfer, (int)row.Position.Ordinal));
            return frame.Page<EntriesView, EntryList>(
                new(page.Data, accounts, chosen, billingAccount, cursor?.ToString(), page.NextCursor));
        },
        cancellationToken);

    /// <summary><c>GET /console/transfers/{transfer}</c>.</summary>
    public static Task<IResult> Transfer(
        Parameters<TransferRequest> parameters,
        Visits visits,
        Ledger.Ledger ledger,
        Charging.Charging charging,
        Metering.Metering metering,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var org = frame.RequiredOrg.Id;
            var transfer = parameters.Value.Transfer;
            var entries = await ledger.Entries(
                org, new EntryFilter(null, null, transfer), before: null, Limits.EntriesPerTransfer, cancellationToken);
            if (entries.Count == 0)
            {
                return frame.NotFound("transfer");
            }

            var cursor = parameters.Value.Cursor;
            var limit = new PageLimit(Limits.RowsPerPage);
            var lines = await charging.Lines(
                org, new LineFilter(null, transfer), cursor?.Keys, limit.RowsToFetch, cancellationToken);
            var page = Page.Of(lines, limit, line => line.Id);
            var meters = await metering.Meters(cancellationToken);
            return frame.Page<TransferView, TransferDetail>(
                new([.. entries.Reverse()], page.Data, meters, cursor?.ToString(), page.NextCursor));
        },
        cancellationToken);
}
