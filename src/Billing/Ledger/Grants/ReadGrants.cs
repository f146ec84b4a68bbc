using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>A page of grants, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="BillingAccount">Only of this billing account.</param>
/// <param name="State">Only in this state.</param>
internal sealed record GrantPageRequest(
    PageLimit Limit,
    Cursor<GrantId>? Cursor = null,
    BillingAccountId? BillingAccount = null,
    GrantState? State = null);

/// <summary>A page of what happened to a grant, newest first.</summary>
/// <param name="Id">The grant.</param>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record GrantEntriesRequest(
    GrantId Id, PageLimit Limit, Cursor<(TransferId Transfer, int Ordinal)>? Cursor = null);

/// <summary>A grant as the API shows it.</summary>
/// <param name="Id">The grant.</param>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Priority">Lower is spent sooner; then what expires first; then the older one.</param>
/// <param name="Granted">What it began with.</param>
/// <param name="Balance">What is left, held parts included.</param>
/// <param name="Held">What holds reserve of it.</param>
/// <param name="EffectiveAt">From when usage may be paid from it; null is any.</param>
/// <param name="ExpiresAt">Until when, itself not included; null is for ever.</param>
/// <param name="Scopes">What it may be spent on; empty is anything.</param>
/// <param name="Reason">Why it was given.</param>
/// <param name="CreatedAt">When it was made, by the organisation's clock.</param>
/// <param name="EndedAt">When it expired or was voided; null while it has not.</param>
internal sealed record GrantProfile(
    GrantId Id,
    BillingAccountId BillingAccount,
    GrantSource Source,
    GrantState State,
    int Priority,
    Money Granted,
    Money Balance,
    Money Held,
    DateTimeOffset? EffectiveAt,
    DateTimeOffset? ExpiresAt,
    IReadOnlyList<string> Scopes,
    string Reason,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt)
{
    public static GrantProfile Of(Grant grant) => new(
        grant.Terms.Id,
        grant.Terms.BillingAccount,
        grant.Terms.Source,
        grant.State,
        grant.Terms.Priority,
        grant.Terms.Granted,
        grant.Balance,
        grant.Held,
        grant.Terms.EffectiveAt,
        grant.Terms.ExpiresAt,
        grant.Terms.Scopes,
        grant.Terms.Reference,
        grant.Terms.CreatedAt,
        grant.EndedAt);
}

/// <summary>The endpoints that show grants.</summary>
internal static class ReadGrants
{
    /// <summary><c>GET /v1/grants</c>.</summary>
    public static async Task<Ok<Page<GrantProfile>>> List(
        Parameters<GrantPageRequest> parameters, Ledger ledger, HttpContext context, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await ledger.Grants(
            context.Caller().RequiredOrg,
            new GrantFilter(request.BillingAccount, request.State),
            request.Cursor?.Keys,
            request.Limit.RowsToFetch,
            cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, grant => grant.Terms.Id, GrantProfile.Of));
    }

    /// <summary><c>GET /v1/grants/{id}</c>.</summary>
    public static async Task<Results<Ok<GrantProfile>, Problem>> Show(
        Parameters<GrantPath> path, Ledger ledger, HttpContext context, CancellationToken cancellationToken) =>
        await ledger.Grant(context.Caller().RequiredOrg, path.Value.Id, cancellationToken) is { } grant
            ? TypedResults.Ok(GrantProfile.Of(grant))
            : Answers.NoSuch(path.Value.Id);

    /// <summary><c>GET /v1/grants/{id}/entries</c>.</summary>
    public static async Task<Results<Ok<Page<EntryRow>>, Problem>> Entries(
        Parameters<GrantEntriesRequest> parameters, Ledger ledger, HttpContext context, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var org = context.Caller().RequiredOrg;
        return await ledger.Grant(org, request.Id, cancellationToken) is null
            ? Answers.NoSuch(request.Id)
            : TypedResults.Ok(await ReadEntries.Read(
                ledger,
                org,
                new EntryFilter(null, request.Id.Account, null),
                request.Cursor,
                request.Limit,
                cancellationToken));
    }
}
