using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Payments;

/// <summary>What a plan's version costs, as a provider is told it.</summary>
/// <param name="Currency">In which currency.</param>
/// <param name="AmountMinor">Minor units of an interval.</param>
/// <param name="Interval">Its unit.</param>
/// <param name="IntervalCount">How many units.</param>
public sealed record PlanPriceTerms(Currency Currency, long AmountMinor, PriceInterval Interval, int IntervalCount)
{
    /// <summary>The terms of a plan's version. Fees are of a month.</summary>
    /// <returns>Null for a fee no provider can take: it is no whole number of minor units.</returns>
    public static PlanPriceTerms? Of(PlanVersion plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return MinorUnits.TryOf(plan.Fee, out var minor)
            ? new PlanPriceTerms(plan.Fee.Currency, minor, PriceInterval.Month, 1)
            : null;
    }

    /// <summary>Whether a version is sold at all: published, and for money.</summary>
    public static bool IsSold(PlanVersion plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Status == PlanStatus.Published && plan.Fee.Micros > 0;
    }
}
