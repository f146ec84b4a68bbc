using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>A page of transfers, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="BillingAccount">Only of this billing account.</param>
/// <param name="Kind">Only of this kind, such as <c>usage_prepaid</c>.</param>
/// <param name="Key">Only with exactly this key.</param>
/// <param name="Reference">Only with this text in the reference, whatever the case of its letters.</param>
/// <param name="Account">Only those that change this account of the chart.</param>
/// <param name="From">Only recorded at or after.</param>
/// <param name="To">Only recorded before.</param>
/// <param name="AmountMicrosMin">Only those that move at least so many micros in one currency.</param>
internal sealed record TransferPageRequest(
    PageLimit Limit,
    Cursor<TransferId>? Cursor = null,
    BillingAccountId? BillingAccount = null,
    string? Kind = null,
    string? Key = null,
    string? Reference = null,
    AccountId? Account = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    long? AmountMicrosMin = null);

/// <summary>Which transfer.</summary>
/// <param name="Id">Its id.</param>
internal sealed record TransferPath(TransferId Id);

/// <summary>A transfer as the API shows it; its entries are at <c>/v1/ledger/entries?transfer=…</c>.</summary>
/// <param name="Id">The transfer.</param>
/// <param name="BillingAccount">Whose chart.</param>
/// <param name="Kind">Which business fact it is.</param>
/// <param name="Key">The fact's natural key: the same one never posts twice.</param>
/// <param name="Reference">What led to it.</param>
/// <param name="Metadata">Names and values kept with it.</param>
/// <param name="Moved">What it moved, one amount a currency.</param>
/// <param name="Reverses">The transfer it undoes; null for any other.</param>
/// <param name="ReversedBy">The transfer that undid it; null while none did.</param>
/// <param name="OccurredAt">When the fact happened.</param>
/// <param name="RecordedAt">When it was written down.</param>
/// <param name="ChainCount">Its place in the organisation's chain, from 1.</param>
/// <param name="ChainHash">Its hash, which covers the one before it, in hexadecimal.</param>
internal sealed record TransferProfile(
    TransferId Id,
    BillingAccountId BillingAccount,
    string Kind,
    string Key,
    string Reference,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<Money> Moved,
    TransferId? Reverses,
    TransferId? ReversedBy,
    DateTimeOffset OccurredAt,
    DateTimeOffset RecordedAt,
    long ChainCount,
    string ChainHash)
{
    public static TransferProfile Of(Transfer transfer) => new(
        transfer.Id,
        transfer.BillingAccount,
        transfer.Kind,
        transfer.Key,
        transfer.Reference,
        transfer.Metadata,
        transfer.Moved,
        transfer.Reverses,
        transfer.ReversedBy,
        transfer.OccurredAt,
        transfer.RecordedAt,
        transfer.ChainCount,
        Convert.ToHexStringLower(transfer.ChainHash.Span));
}

/// <summary>The endpoints that show transfers.</summary>
internal static class ReadTransfers
{
    /// <summary><c>GET /v1/ledger/transfers</c>.</summary>
    public static async Task<Ok<Page<TransferProfile>>> List(
        Parameters<TransferPageRequest> parameters, Ledger ledger, HttpContext context, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var filter = new TransferFilter
        {
            BillingAccount = request.BillingAccount,
            Kind = request.Kind,
            Key = request.Key,
            Reference = request.Reference,
            Account = request.Account,
            From = request.From,
            To = request.To,
            MovedMicrosMin = request.AmountMicrosMin,
        };
        var rows = await ledger.Transfers(
            context.Caller().RequiredOrg, filter, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, transfer => transfer.Id, TransferProfile.Of));
    }

    /// <summary><c>GET /v1/ledger/transfers/{id}</c>.</summary>
    public static async Task<Results<Ok<TransferProfile>, Problem>> Show(
        Parameters<TransferPath> path, Ledger ledger, HttpContext context, CancellationToken cancellationToken) =>
        await ledger.Transfer(context.Caller().RequiredOrg, path.Value.Id, cancellationToken) is { } transfer
            ? TypedResults.Ok(TransferProfile.Of(transfer))
            : Answers.NoSuch(path.Value.Id);
}
