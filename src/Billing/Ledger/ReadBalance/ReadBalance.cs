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

/// <summary><c>GET /v1/balance</c>.</summary>
internal static class ReadBalance
{
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
}
