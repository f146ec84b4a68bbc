using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.ExploreBilling;

/// <summary>A page of billing events, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Source">Only what is kept there.</param>
/// <param name="Type">Only of this type, such as the provider's <c>invoice.paid</c>.</param>
/// <param name="Status">Only standing so.</param>
/// <param name="From">Only written first at this instant or later.</param>
/// <param name="To">Only written first before this instant.</param>
/// <param name="Reference">Only named so: an operation key, any id of the provider, or one of Quoin.</param>
/// <param name="BillingAccountId">Only of this billing account.</param>
internal sealed record BillingEventsRequest(
    PageLimit Limit,
    Cursor<Guid>? Cursor = null,
    BillingSource? Source = null,
    string? Type = null,
    string? Status = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    string? Reference = null,
    BillingAccountId? BillingAccountId = null);

/// <summary>Which billing event.</summary>
/// <param name="Id">Its id: that of what keeps it.</param>
internal sealed record BillingEventPath(string Id);

/// <summary>A page of a timeline, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record TimelineRequest(PageLimit Limit, Cursor<(DateTimeOffset OccurredAt, string Id)>? Cursor = null);

/// <summary>A page of an account's timeline, newest first.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record AccountTimelineRequest(
    BillingAccountId BillingAccount, PageLimit Limit, Cursor<(DateTimeOffset OccurredAt, string Id)>? Cursor = null);

/// <summary>What happened in billing, over HTTP.</summary>
internal static class ExplorerEndpoints
{
    /// <summary><c>GET /v1/payments/events</c>.</summary>
    public static async Task<Ok<Page<BillingEvent>>> Search(
        Parameters<BillingEventsRequest> parameters,
        BillingTrail trail,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var query = new BillingEventQuery(
            context.Caller().Org,
            request.BillingAccountId,
            request.Source,
            request.Type,
            request.Status,
            request.From,
            request.To,
            request.Reference);
        var rows = await trail.Search(query, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, BillingTrail.PlaceOf));
    }

    /// <summary><c>GET /v1/payments/events/{id}</c>.</summary>
    public static async Task<Results<Ok<BillingTrailAnswer>, Problem>> Follow(
        Parameters<BillingEventPath> parameters,
        BillingTrail trail,
        HttpContext context,
        CancellationToken cancellationToken) =>
        await trail.Follow(context.Caller().Org, parameters.Value.Id, cancellationToken) is { } answer
            ? TypedResults.Ok(answer)
            : new Problem(PlatformProblems.NotFound, $"There is no billing event {parameters.Value.Id} here.");

    /// <summary><c>GET /v1/payments/accounts/{billing_account}/timeline</c>.</summary>
    public static async Task<Results<Ok<Page<TimelineEntry>>, Problem>> OfAccount(
        Parameters<AccountTimelineRequest> parameters,
        BillingTrail trail,
        Organisations organisations,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var account = new BillingAccountKey(context.Caller().RequiredOrg, request.BillingAccount);
        return await organisations.FindBillingAccount(account.Org, account.Account, cancellationToken) is null
            ? new Problem(PlatformProblems.NotFound, $"There is no {request.BillingAccount} here.")
            : TypedResults.Ok(
                await Read(trail, account, isForOperator: true, request.Limit, request.Cursor, cancellationToken));
    }

    /// <summary><c>GET /v1/billing/timeline</c>.</summary>
    public static async Task<Results<Ok<Page<TimelineEntry>>, Problem>> Own(
        Parameters<TimelineRequest> parameters,
        BillingTrail trail,
        BillingAccountSelector selector,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var selection = await selector.Select(context, named: null, cancellationToken);
        if (selection is not BillingAccountSelection.Selected(var account))
        {
            return BillingAccountSelector.Refusal(selection)!;
        }

        var key = new BillingAccountKey(account.OrganisationId, account.Id);
        var request = parameters.Value;
        return TypedResults.Ok(
            await Read(trail, key, isForOperator: false, request.Limit, request.Cursor, cancellationToken));
    }

    private static async Task<Page<TimelineEntry>> Read(
        BillingTrail trail,
        BillingAccountKey account,
        bool isForOperator,
        PageLimit limit,
        Cursor<(DateTimeOffset OccurredAt, string Id)>? cursor,
        CancellationToken cancellationToken)
    {
        TimelinePlace? before = cursor is { Keys: var keys } ? new TimelinePlace(keys.OccurredAt, keys.Id) : null;
        var rows = await trail.Of(account, isForOperator, before, limit.RowsToFetch, cancellationToken);
        return Page.Of(rows, limit, row => (row.OccurredAt, row.Id));
    }
}
