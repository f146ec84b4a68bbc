using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Which balances.</summary>
/// <param name="BillingAccount">Only this billing account's.</param>
internal sealed record BalanceRequest(BillingAccountId? BillingAccount = null);

/// <summary>What a billing account has and owes in one currency.</summary>
/// <param name="BillingAccount">The billing account.</param>
/// <param name="Available">Credit that may still be spent.</param>
/// <param name="Overdraft">Prepaid usage that no credit covered: owed.</param>
/// <param name="Receivable">Postpaid usage to be invoiced: owed.</param>
/// <param name="Used">All usage posted so far.</param>
internal sealed record BalanceRow(
    BillingAccountId BillingAccount,
    Money Available,
    Money Overdraft,
    Money Receivable,
    Money Used);

/// <summary>What a billing account has and owes in one currency, also in credits.</summary>
/// <param name="BillingAccount">The billing account.</param>
/// <param name="Available">Credit that may still be spent.</param>
/// <param name="AvailableCredits">The same in credits of a tenth of a cent; null where the currency is no dollar.</param>
/// <param name="Overdraft">Prepaid usage that no credit covered: owed.</param>
/// <param name="Receivable">Postpaid usage to be invoiced: owed.</param>
/// <param name="Used">All usage posted so far.</param>
internal sealed record CreditRow(
    BillingAccountId BillingAccount,
    Money Available,
    decimal? AvailableCredits,
    Money Overdraft,
    Money Receivable,
    Money Used);

/// <summary>What an organisation has and owes, and what changed it last: what a page of credit begins with.</summary>
/// <param name="Balances">Of each billing account and currency.</param>
/// <param name="RecentEntries">The newest entries of the same billing accounts, newest first.</param>
internal sealed record BalanceSummaryAnswer(IReadOnlyList<CreditRow> Balances, IReadOnlyList<EntryRow> RecentEntries);

/// <summary><c>GET /v1/balance</c>, and with what changed it last <c>GET /v1/balance/summary</c>.</summary>
internal static class ReadBalance
{
    public static async Task<IResult> Summary(
        Parameters<BalanceRequest> parameters,
        Ledger ledger,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (org, account) = (context.Caller().RequiredOrg, parameters.Value.BillingAccount);
        var balances = await ledger.Balances(org, account, cancellationToken);
        var entries = await ledger.Entries(
            org, new EntryFilter(account, null, null), null, Limits.EntriesInSummary, cancellationToken);
        return TypedResults.Ok(new BalanceSummaryAnswer(
            [.. BalanceSummary.Of(balances).Select(InCredits)], [.. entries.Select(ReadEntries.Row)]));
    }

    public static async Task<IResult> Handle(
        Parameters<BalanceRequest> parameters,
        Ledger ledger,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var balances = await ledger.Balances(context.Caller().RequiredOrg, parameters.Value.BillingAccount, cancellationToken);
        return TypedResults.Ok(new Page<BalanceRow>([.. BalanceSummary.Of(balances).Select(Row)], null));
    }

    private static BalanceRow Row(BalanceSummary summary) => new(
        summary.BillingAccount,
        summary.Available,
        summary.Overdraft,
        summary.Receivable,
        summary.Used);

    private static CreditRow InCredits(BalanceSummary summary) => new(
        summary.BillingAccount,
        summary.Available,
        Credits.Of(summary.Available),
        summary.Overdraft,
        summary.Receivable,
        summary.Used);
}
