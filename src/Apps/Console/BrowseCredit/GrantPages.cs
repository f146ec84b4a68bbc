using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseCredit;

/// <summary>A page of grants.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="State">In this state, or <c>all</c>; left out, open.</param>
/// <param name="BillingAccount">Of this billing account.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record GrantsRequest(
    OrgId? Org = null, string? State = null, BillingAccountId? BillingAccount = null, Cursor<GrantId>? Cursor = null);

/// <summary>One grant.</summary>
/// <param name="Grant">Its id.</param>
/// <param name="Org">The organisation.</param>
/// <param name="Cursor">Where its entries go on.</param>
internal sealed record GrantPageRequest(
    GrantId Grant, OrgId? Org = null, Cursor<(TransferId Transfer, int Ordinal)>? Cursor = null);

/// <summary>Grants: open ones in the order they are spent, others newest first.</summary>
/// <param name="Grants">The grants, together those of one chart.</param>
/// <param name="State">In this state; null is in any.</param>
/// <param name="BillingAccount">Of this billing account; null is of any.</param>
/// <param name="Now">What time it is for the organisation.</param>
/// <param name="Cursor">Where the list began; null for the first page, and for open grants, which have only one.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record GrantList(
    IReadOnlyList<IReadOnlyList<ListedGrant>> Grants,
    GrantState? State,
    BillingAccountId? BillingAccount,
    DateTimeOffset Now,
    string? Cursor,
    string? Next);

/// <summary>A grant in a list.</summary>
/// <param name="Grant">The grant.</param>
/// <param name="Place">Its place in the order they are spent, from 1; null where the list has no such order.</param>
/// <param name="IsNext">Whether it is the first one that may pay, now, for what its scopes say.</param>
public sealed record ListedGrant(Grant Grant, int? Place, bool IsNext);

/// <summary>A grant, how it was spent, and what holds reserve of it.</summary>
/// <param name="Grant">The grant.</param>
/// <param name="Now">What time it is for the organisation.</param>
/// <param name="BurnDown">Its balance over time.</param>
/// <param name="Holds">Open holds that reserve some of it, newest first.</param>
/// <param name="Entries">A page of its entries, newest first.</param>
/// <param name="Cursor">Where that began; null for the first page.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record GrantDetail(
    Grant Grant,
    DateTimeOffset Now,
    BurnDown BurnDown,
    IReadOnlyList<Hold> Holds,
    IReadOnlyList<Entry> Entries,
    string? Cursor,
    string? Next);

/// <summary>Shows grants of credit.</summary>
internal static class GrantPages
{
    /// <summary>What an address calls grants of any state.</summary>
    public const string All = "all";

    /// <summary><c>GET /console/grants</c>.</summary>
    public static Task<IResult> List(
        Parameters<GrantsRequest> parameters,
        Visits visits,
        Ledger.Ledger ledger,
        OrganisationClock clock,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var (_, name, billingAccount, cursor) = parameters.Value;
            var org = frame.RequiredOrg.Id;
            var now = await clock.Now(org, cancellationToken);
            var state = StateOf(name);
            var filter = new GrantFilter(billingAccount, state);
            if (state == GrantState.Open)
            {
                var open = await ledger.Grants(org, filter, before: null, Limits.OpenGrants, cancellationToken);
                return frame.Page<GrantsView, GrantList>(
                    new(InSpendingOrder(open, now), state, billingAccount, now, Cursor: null, Next: null));
            }

            var limit = new PageLimit(Limits.RowsPerPage);
            var rows = await ledger.Grants(org, filter, cursor?.Keys, limit.RowsToFetch, cancellationToken);
            var page = Page.Of(rows, limit, row => row.Terms.Id);
            IReadOnlyList<ListedGrant> listed = [.. page.Data.Select(grant => new ListedGrant(grant, Place: null, IsNext: false))];
            return frame.Page<GrantsView, GrantList>(
                new(listed.Count == 0 ? [] : [listed], state, billingAccount, now, cursor?.ToString(), page.NextCursor));
        },
        cancellationToken);

    /// <summary><c>GET /console/grants/{grant}</c>.</summary>
    public static Task<IResult> One(
        Parameters<GrantPageRequest> parameters,
        Visits visits,
        Ledger.Ledger ledger,
        OrganisationClock clock,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var (id, _, cursor) = parameters.Value;
            var org = frame.RequiredOrg.Id;
            if (await ledger.Grant(org, id, cancellationToken) is not { } grant)
            {
                return frame.NotFound("grant");
            }

            var now = await clock.Now(org, cancellationToken);
            var filter = new EntryFilter(null, id.Account, null);
            var drawn = await ledger.Entries(org, filter, before: null, Limits.EntriesDrawn, cancellationToken);
            var holds = grant.Held.IsZero
                ? []
                : await ledger.Holds(
                    org,
                    new HoldFilter(grant.Terms.BillingAccount, HoldState.Open),
                    before: null,
                    Limits.HoldsOfGrant,
                    cancellationToken);
            EntryPosition? before = cursor is { Keys: var keys } ? new(keys.Transfer, (short)keys.Ordinal) : null;
            var limit = new PageLimit(Limits.RowsPerPage);
            var rows = before is null
                ? [.. drawn.Take(limit.RowsToFetch)]
                : await ledger.Entries(org, filter, before, limit.RowsToFetch, cancellationToken);
            var page = Page.Of(rows, limit, row => (row.Position.Transfer, (int)row.Position.Ordinal));
            return frame.Page<GrantView, GrantDetail>(new(
                grant,
                now,
                BurnDown.Of(grant, drawn, now, frame.Viewer.Zone),
                [.. holds.Where(hold => hold.Parts.Any(part => part.Account == id.Account))],
                page.Data,
                cursor?.ToString(),
                page.NextCursor));
        },
        cancellationToken);

    private static GrantState? StateOf(string? name) => name == All
        ? null
        : Enum.GetValues<GrantState>().FirstOrDefault(state => state.Name() == name);

    // The first that may pay for anything is next, and so is each restricted one before it: for what its scopes say.
    private static IReadOnlyList<IReadOnlyList<ListedGrant>> InSpendingOrder(IEnumerable<Grant> grants, DateTimeOffset now) =>
    [
        .. grants
            .GroupBy(grant => (grant.Terms.BillingAccount, grant.Terms.Granted.Currency))
            .Select(chart =>
            {
                var isFound = false;
                return chart
                    .OrderBy(grant => grant.Terms, GrantTerms.SpendingOrder)
                    .Select((grant, place) =>
                    {
                        var isNext = !isFound && IsSpendable(grant, now);
                        isFound |= isNext && grant.Terms.Scopes.Count == 0;
                        return new ListedGrant(grant, place + 1, isNext);
                    })
                    .ToList();
            }),
    ];

    private static bool IsSpendable(Grant grant, DateTimeOffset now) =>
        grant.EndedAt is null
        && grant.Balance.Micros > grant.Held.Micros
        && grant.Terms.MayPay(now, grant.Terms.Scopes.ToHashSet());
}
