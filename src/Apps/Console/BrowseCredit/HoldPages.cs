using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseCredit;

/// <summary>A page of holds.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="State">In this state; left out, in any.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record HoldsRequest(OrgId? Org = null, string? State = null, Cursor<HoldId>? Cursor = null);

/// <summary>One hold.</summary>
/// <param name="Hold">Its id.</param>
/// <param name="Org">The organisation.</param>
internal sealed record HoldPageRequest(HoldId Hold, OrgId? Org = null);

/// <summary>A page of holds, newest first.</summary>
/// <param name="Holds">The holds.</param>
/// <param name="State">In this state; null is in any.</param>
/// <param name="Now">What time it is for the organisation.</param>
/// <param name="Cursor">Where it began; null for the first page.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record HoldList(
    IReadOnlyList<Hold> Holds, HoldState? State, DateTimeOffset Now, string? Cursor, string? Next);

/// <summary>A hold.</summary>
/// <param name="Hold">The hold.</param>
/// <param name="Accounts">The accounts it reserves on.</param>
/// <param name="Now">What time it is for the organisation.</param>
public sealed record HoldDetail(Hold Hold, IReadOnlyDictionary<AccountId, AccountBalance> Accounts, DateTimeOffset Now);

/// <summary>Shows holds.</summary>
internal static class HoldPages
{
    /// <summary><c>GET /console/holds</c>.</summary>
    public static Task<IResult> List(
        Parameters<HoldsRequest> parameters,
        Visits visits,
        Ledger.Ledger ledger,
        OrganisationClock clock,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var (_, name, cursor) = parameters.Value;
            var org = frame.RequiredOrg.Id;
            HoldState? state = Enum.GetValues<HoldState>().Cast<HoldState?>().FirstOrDefault(one => one!.Value.Name() == name);
            var limit = new PageLimit(Limits.RowsPerPage);
            var rows = await ledger.Holds(
                org, new HoldFilter(BillingAccount: null, state), cursor?.Keys, limit.RowsToFetch, cancellationToken);
            var page = Page.Of(rows, limit, row => row.Id);
            var now = await clock.Now(org, cancellationToken);
            return frame.Page<HoldsView, HoldList>(new(page.Data, state, now, cursor?.ToString(), page.NextCursor));
        },
        cancellationToken);

    /// <summary><c>GET /console/holds/{hold}</c>.</summary>
    public static Task<IResult> One(
        Parameters<HoldPageRequest> parameters,
        Visits visits,
        Ledger.Ledger ledger,
        OrganisationClock clock,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var org = frame.RequiredOrg.Id;
            if (await ledger.Hold(org, parameters.Value.Hold, cancellationToken) is not { } hold)
            {
                return frame.NotFound("hold");
            }

            var accounts = await ledger.Balances(org, hold.BillingAccount, cancellationToken);
            var now = await clock.Now(org, cancellationToken);
            return frame.Page<HoldView, HoldDetail>(new(hold, accounts.ToDictionary(account => account.Id), now));
        },
        cancellationToken);
}
