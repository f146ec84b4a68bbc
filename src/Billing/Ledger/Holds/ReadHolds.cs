using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>A page of holds, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="BillingAccount">Only of this billing account.</param>
/// <param name="State">Only in this state.</param>
internal sealed record HoldPageRequest(
    PageLimit Limit,
    Cursor<HoldId>? Cursor = null,
    BillingAccountId? BillingAccount = null,
    HoldState? State = null);

/// <summary>What a hold reserves on one account.</summary>
/// <param name="Account">A grant's account, or the one for what credit does not cover, up to its limit.</param>
/// <param name="Amount">How much.</param>
internal sealed record HoldPartProfile(AccountId Account, Money Amount);

/// <summary>A hold as the API shows it.</summary>
/// <param name="Id">The hold.</param>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Key">Its natural key; <c>api:</c> stands before those sent over HTTP.</param>
/// <param name="Reference">What it is for.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Amount">What it reserved.</param>
/// <param name="Captured">What was captured of it.</param>
/// <param name="Held">What it still reserves.</param>
/// <param name="Parts">The same account by account, in the order it will be spent.</param>
/// <param name="Terms">When the customer pays: decides which limit below zero it may use.</param>
/// <param name="Overrun">Who pays for more than it has.</param>
/// <param name="ExpiresAt">When it ends by itself, by the organisation's clock.</param>
/// <param name="CreatedAt">When it was made, by the organisation's clock.</param>
/// <param name="EndedAt">When it ended; null while it is open.</param>
internal sealed record HoldProfile(
    HoldId Id,
    BillingAccountId BillingAccount,
    string Key,
    string Reference,
    HoldState State,
    Money Amount,
    Money Captured,
    Money Held,
    IReadOnlyList<HoldPartProfile> Parts,
    PaymentTerms Terms,
    OverrunPolicy Overrun,
    DateTimeOffset ExpiresAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt)
{
    public static HoldProfile Of(Hold hold) => new(
        hold.Id,
        hold.BillingAccount,
        hold.Key,
        hold.Reference,
        hold.State,
        hold.Amount,
        hold.Captured,
        hold.Amount with { Micros = hold.Parts.Sum(part => part.Micros) },
        [.. hold.Parts.Select(part => new HoldPartProfile(part.Account, hold.Amount with { Micros = part.Micros }))],
        hold.Terms,
        hold.Overrun,
        hold.ExpiresAt,
        hold.CreatedAt,
        hold.EndedAt);
}

/// <summary>The endpoints that show holds.</summary>
internal static class ReadHolds
{
    /// <summary><c>GET /v1/holds</c>.</summary>
    public static async Task<Ok<Page<HoldProfile>>> List(
        Parameters<HoldPageRequest> parameters, Ledger ledger, HttpContext context, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await ledger.Holds(
            context.Caller().RequiredOrg,
            new HoldFilter(request.BillingAccount, request.State),
            request.Cursor?.Keys,
            request.Limit.RowsToFetch,
            cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, hold => hold.Id, HoldProfile.Of));
    }

    /// <summary><c>GET /v1/holds/{id}</c>.</summary>
    public static async Task<Results<Ok<HoldProfile>, Problem>> Show(
        Parameters<HoldPath> path, Ledger ledger, HttpContext context, CancellationToken cancellationToken) =>
        await ledger.Hold(context.Caller().RequiredOrg, path.Value.Id, cancellationToken) is { } hold
            ? TypedResults.Ok(HoldProfile.Of(hold))
            : Answers.NoSuch(path.Value.Id);
}
