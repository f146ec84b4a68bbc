using Quoin.Pricing;

namespace Quoin.Limiting.Internal;

/// <summary>How many units of usage beyond a limit a sum of money pays for.</summary>
internal static class OverageUnits
{
    // Beyond it nobody counts units, and every price still rates.
    private const long UnitsMax = 1_000_000_000_000;

    /// <summary>The most whole units that cost no more than the cap, from the limit on, at one price.</summary>
    public static decimal For(long capMicros, long limit, ResolvedPrice price)
    {
        var (low, high) = (0L, UnitsMax);
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            if (CostOf(limit, middle, price) is { } micros && micros <= capMicros)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    private static long? CostOf(long limit, long units, ResolvedPrice price)
    {
        PricedQuantity Of(decimal quantity) => new(price.Version, price.Cell.Key, quantity, price.DiscountBps);
        return Rating.Micros([Of((decimal)limit + units)]) - Rating.Micros([Of(limit)]);
    }
}
