using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>What a billing account has and owes in one currency, as its customer reads it: nothing below zero.</summary>
/// <param name="BillingAccount">The billing account.</param>
/// <param name="Available">Credit that may still be spent.</param>
/// <param name="Overdraft">Prepaid usage that no credit covered: owed.</param>
/// <param name="Receivable">Postpaid usage to be invoiced: owed.</param>
/// <param name="Used">All usage posted so far.</param>
public sealed record BalanceSummary(
    BillingAccountId BillingAccount,
    Money Available,
    Money Overdraft,
    Money Receivable,
    Money Used)
{
    /// <summary>Sums charts up, one for each billing account and currency.</summary>
    public static IEnumerable<BalanceSummary> Of(IEnumerable<AccountBalance> balances) => balances
        .GroupBy(balance => (balance.BillingAccount, balance.Balance.Currency))
        .Select(chart =>
        {
            Money On(AccountKind kind) => chart
                .Where(balance => balance.Kind == kind)
                .Aggregate(Money.Zero(chart.Key.Currency), (sum, balance) => sum + balance.Balance);
            return new BalanceSummary(
                chart.Key.BillingAccount,
                On(AccountKind.Grants),
                -On(AccountKind.Overdraft),
                -On(AccountKind.Receivable),
                On(AccountKind.Revenue));
        });
}
