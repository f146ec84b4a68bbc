using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Which trial balance.</summary>
/// <param name="AsOf">Once everything recorded up to then was in the books; left out, as it stands.</param>
internal sealed record TrialBalanceRequest(DateTimeOffset? AsOf = null);

/// <summary>All accounts of a kind in a currency.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Debit">What stands below zero, as a positive amount.</param>
/// <param name="Credit">What stands above zero.</param>
internal sealed record TrialBalanceRow(AccountKind Kind, Money Debit, Money Credit);

/// <summary>The columns of a currency, summed up.</summary>
/// <param name="Debit">All that stands below zero.</param>
/// <param name="Credit">All that stands above zero.</param>
/// <param name="IsBalanced">Whether they are equal; where they are not, the books are broken.</param>
internal sealed record TrialBalanceTotal(Money Debit, Money Credit, bool IsBalanced);

/// <summary>A trial balance of an organisation.</summary>
/// <param name="AsOf">The instant it is of.</param>
/// <param name="Lines">By currency and kind.</param>
/// <param name="Totals">One a currency.</param>
internal sealed record TrialBalanceAnswer(
    DateTimeOffset AsOf, IReadOnlyList<TrialBalanceRow> Lines, IReadOnlyList<TrialBalanceTotal> Totals);

/// <summary><c>GET /v1/ledger/trial-balance</c>.</summary>
internal static class ReadTrialBalance
{
    public static async Task<Ok<TrialBalanceAnswer>> Handle(
        Parameters<TrialBalanceRequest> parameters,
        Ledger ledger,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        // Another replica's clock may be ahead of ours: as it stands is all there is.
        var asOf = parameters.Value.AsOf;
        var lines = await ledger.TrialBalance(
            context.Caller().RequiredOrg, asOf ?? DateTimeOffset.MaxValue, cancellationToken);
        var totals = lines
            .GroupBy(line => line.Debit.Currency)
            .Select(currency =>
            {
                var none = Money.Zero(currency.Key);
                var debit = currency.Aggregate(none, (sum, line) => sum + line.Debit);
                var credit = currency.Aggregate(none, (sum, line) => sum + line.Credit);
                return new TrialBalanceTotal(debit, credit, debit == credit);
            });
        return TypedResults.Ok(new TrialBalanceAnswer(
            asOf ?? time.GetUtcNow(),
            [.. lines.Select(line => new TrialBalanceRow(line.Kind, line.Debit, line.Credit))],
            [.. totals]));
    }
}
