using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.ConsolePages.ExploreBilling;

/// <summary>A billing account's timeline, as it is asked for.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Account">The account; the default one where the address names none.</param>
/// <param name="View"><c>customer</c> for what the customer sees of it.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record TimelinePageRequest(
    OrgId? Org = null,
    BillingAccountId? Account = null,
    string? View = null,
    Cursor<(DateTimeOffset OccurredAt, string Id)>? Cursor = null);

/// <summary>What happened to a billing account.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Accounts">The organisation's billing accounts.</param>
/// <param name="IsCustomers">Whether it is what the customer sees.</param>
/// <param name="Entries">A page of entries, newest first.</param>
/// <param name="Cursor">Where it began; null on the first one.</param>
/// <param name="Next">Where the next one begins; null on the last one.</param>
public sealed record TimelineModel(
    BillingAccountProfile Account,
    IReadOnlyList<BillingAccountProfile> Accounts,
    bool IsCustomers,
    IReadOnlyList<TimelineEntry> Entries,
    string? Cursor,
    string? Next);

/// <summary>Shows what happened to one billing account, in order.</summary>
internal sealed class TimelinePage(BillingTrail trail, Organisations organisations)
{
    /// <summary><c>GET /console/finance/timeline</c>.</summary>
    public static Task<IResult> Show(
        Parameters<TimelinePageRequest> parameters,
        Visits visits,
        TimelinePage page,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => page.Of(frame, parameters.Value, cancellationToken),
        cancellationToken);

    private async Task<IResult> Of(Frame frame, TimelinePageRequest request, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        var accounts = await organisations.BillingAccountsOf(org, cancellationToken);
        var account = request.Account is { } named
            ? await organisations.FindBillingAccount(org, named, cancellationToken)
            : accounts.FirstOrDefault(one => one.IsDefault);
        if (account is null)
        {
            return frame.NotFound("billing account");
        }

        var isCustomers = request.View == "customer";
        var limit = new PageLimit(Limits.RowsPerPage);
        TimelinePlace? before = request.Cursor is { Keys: var keys } ? new TimelinePlace(keys.OccurredAt, keys.Id) : null;
        var rows = await trail.Of(
            new BillingAccountKey(org, account.Id), !isCustomers, before, limit.RowsToFetch, cancellationToken);
        var page = Page.Of(rows, limit, row => (row.OccurredAt, row.Id));
        return frame.Page<TimelineView, TimelineModel>(new(
            account, accounts, isCustomers, page.Data, request.Cursor?.ToString(), page.NextCursor));
    }
}
