using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseLedger;

/// <summary>An account's statement.</summary>
/// <param name="Account">Its id.</param>
/// <param name="Org">The organisation.</param>
/// <param name="Period"><c>30d</c>, <c>month</c>, <c>last_month</c> or <c>custom</c>.</param>
/// <param name="From">The first day of a custom period, UTC.</param>
/// <param name="To">Its last day.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record StatementRequest(
    AccountId Account,
    OrgId? Org = null,
    string? Period = null,
    string? From = null,
    string? To = null,
    Cursor<(TransferId Transfer, int Ordinal)>? Cursor = null);

/// <summary>An account's statement over a time.</summary>
/// <param name="Account">The account, as it stands now.</param>
/// <param name="Time">Over which time.</param>
/// <param name="Opening">What stood on it when that began.</param>
/// <param name="Closing">What stood on it when that ended, or stands now.</param>
/// <param name="Entries">A page of the entries between, newest first.</param>
/// <param name="Cursor">Where that began; null for the first page.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record StatementModel(
    AccountBalance Account,
    StatementPeriod Time,
    Money Opening,
    Money Closing,
    IReadOnlyList<Entry> Entries,
    string? Cursor,
    string? Next);

/// <summary>Shows an account's statement.</summary>
internal static class StatementPages
{
    /// <summary><c>GET /console/accounts/{account}</c>.</summary>
    public static Task<IResult> Show(
        Parameters<StatementRequest> parameters,
        Visits visits,
        Ledger.Ledger ledger,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var request = parameters.Value;
            var org = frame.RequiredOrg.Id;
            if (await Find(ledger, org, request.Account, cancellationToken) is not { } account)
            {
                return frame.NotFound("account");
            }

            var now = time.GetUtcNow();
            var covered = StatementPeriod.Read(request.Period, request.From, request.To, now);
            EntryPosition? before = request.Cursor is { Keys: var keys } ? new(keys.Transfer, (short)keys.Ordinal) : null;
            var limit = new PageLimit(Limits.RowsPerPage);
            var rows = await ledger.Entries(
                org, account.Id, covered.Period, before, limit.RowsToFetch, cancellationToken);
            var page = Page.Of(rows, limit, row => (row.Position.Transfer, (int)row.Position.Ordinal));
            var closing = covered.Period.End > now
                ? account.Balance
                : await Before(ledger, org, account, covered.Period.End, cancellationToken);
            return frame.Page<StatementView, StatementModel>(new(
                account,
                covered,
                await Before(ledger, org, account, covered.Period.Start, cancellationToken),
                closing,
                page.Data,
                request.Cursor?.ToString(),
                page.NextCursor));
        },
        cancellationToken);

    /// <summary>An account of the organisation; null when it has none of this id.</summary>
    public static async Task<AccountBalance?> Find(
        Ledger.Ledger ledger, OrgId org, AccountId account, CancellationToken cancellationToken)
    {
        var accounts = await ledger.Balances(org, billingAccount: null, cancellationToken);
        return accounts.FirstOrDefault(one => one.Id == account);
    }

    /// <summary>What stood on an account when a time began: what was recorded at that very instant belongs to the time.</summary>
    public static async Task<Money> Before(
        Ledger.Ledger ledger,
        OrgId org,
        AccountBalance account,
        DateTimeOffset instant,
        CancellationToken cancellationToken)
    {
        // Instants are stored to the microsecond.
        var balances = await ledger.BalancesAt(
            org, account.BillingAccount, instant.AddTicks(-TimeSpan.TicksPerMicrosecond), cancellationToken);
        return balances.FirstOrDefault(one => one.Id == account.Id)?.Balance ?? Money.Zero(account.Balance.Currency);
    }
}
