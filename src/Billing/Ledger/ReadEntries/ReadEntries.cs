using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>A page of ledger entries, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="BillingAccount">Only of this billing account.</param>
/// <param name="Account">Only on this account of the chart.</param>
/// <param name="Transfer">Only of this transfer.</param>
internal sealed record EntryPageRequest(
    PageLimit Limit,
    Cursor<(TransferId Transfer, int Ordinal)>? Cursor = null,
    BillingAccountId? BillingAccount = null,
    AccountId? Account = null,
    TransferId? Transfer = null);

/// <summary>A ledger entry as the API shows it.</summary>
/// <param name="Transfer">The transfer it belongs to; its entries sum to zero per currency.</param>
/// <param name="Ordinal">Its place among the transfer's entries, from 0.</param>
/// <param name="BillingAccount">Whose books it stands in.</param>
/// <param name="Account">The account whose balance it changed.</param>
/// <param name="AccountKind">What that account is for.</param>
/// <param name="Amount">What it added to the account; below zero where it took away.</param>
/// <param name="BalanceAfter">The account's balance right after it.</param>
/// <param name="Kind">Which business fact the transfer is.</param>
/// <param name="Key">The fact's natural key: the same one never posts twice.</param>
/// <param name="Reference">What it was made from, such as a rated line.</param>
/// <param name="OccurredAt">When the fact happened.</param>
/// <param name="RecordedAt">When it was written down.</param>
internal sealed record EntryRow(
    TransferId Transfer,
    int Ordinal,
    BillingAccountId BillingAccount,
    AccountId Account,
    AccountKind AccountKind,
    Money Amount,
    Money BalanceAfter,
    string Kind,
    string Key,
    string Reference,
    DateTimeOffset OccurredAt,
    DateTimeOffset RecordedAt);

/// <summary><c>GET /v1/ledger/entries</c>.</summary>
internal static class ReadEntries
{
    public static async Task<IResult> Handle(
        Parameters<EntryPageRequest> parameters,
        Ledger ledger,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var filter = new EntryFilter(request.BillingAccount, request.Account, request.Transfer);
        return TypedResults.Ok(await Read(
            ledger, context.Caller().RequiredOrg, filter, request.Cursor, request.Limit, cancellationToken));
    }

    public static async Task<Page<EntryRow>> Read(
        Ledger ledger,
        OrgId org,
        EntryFilter filter,
        Cursor<(TransferId Transfer, int Ordinal)>? cursor,
        PageLimit limit,
        CancellationToken cancellationToken)
    {
        var rows = await ledger.Entries(org, filter, PositionOf(cursor), limit.RowsToFetch, cancellationToken);
        return Page.Of(rows, limit, entry => (entry.Position.Transfer, (int)entry.Position.Ordinal), Row);
    }

    /// <summary>The place a cursor names; one that somebody made up still names one.</summary>
    public static EntryPosition? PositionOf(Cursor<(TransferId Transfer, int Ordinal)>? cursor) => cursor is null
        ? null
        : new EntryPosition(cursor.Keys.Transfer, (short)Math.Clamp(cursor.Keys.Ordinal, 0, short.MaxValue));

    public static EntryRow Row(Entry entry) => new(
        entry.Position.Transfer,
        entry.Position.Ordinal,
        entry.BillingAccount,
        entry.Account,
        entry.AccountKind,
        entry.Amount,
        entry.BalanceAfter,
        entry.Kind,
        entry.Key,
        entry.Reference,
        entry.OccurredAt,
        entry.RecordedAt);
}
