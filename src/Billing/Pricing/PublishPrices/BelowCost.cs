using Quoin.Kernel;

namespace Quoin.Pricing.Internal;

/// <summary>Whether a price asks less than its usage costs. Pure.</summary>
internal static class BelowCost
{
    // Beyond every tier: what is asked for one more unit from here on is what the last tiers say.
    private const decimal Far = 1_000_000_000_000m;

    /// <summary>
    /// Where it does, for a person; null where it never does, or nobody said what usage costs. Amounts are straight lines between
    /// the ends of tiers and packages, so it is enough to look at those, just after them, and far beyond. What is included, and what a
    /// period never goes beyond, are given away on purpose and not looked at.
    /// </summary>
    public static string? Problem(NewPrice price)
    {
        if (price.Cost is not { } cost)
        {
            return null;
        }

        foreach (var cell in price.Terms.Cells)
        {
            var known = cost.Cells is [{ IsWhole: true } whole] ? whole : cost.Cells.First(one => one.Key == cell.Key);
            foreach (var quantity in Places(cell.Model).Concat(Places(known.Model)).Append(Far))
            {
                var asked = Amount(price.Terms, cell.Model, quantity);
                var paid = Amount(cost, known.Model, quantity);
                if (asked < paid)
                {
                    return string.Create(
                        System.Globalization.CultureInfo.InvariantCulture,
                        $"For {quantity} it asks {asked}, and costs {paid}.");
                }
            }
        }

        return null;
    }

    private static ExactFraction Amount(PriceTerms terms, PriceModel model, decimal quantity) =>
        model.Amount(quantity) * (terms.Factor?.Value ?? ExactFraction.One);

    private static IEnumerable<decimal> Places(PriceModel model) => model switch
    {
        PriceModel.PerUnit unit => [unit.Per],
        PriceModel.Package package => [1m, package.Size, package.Size + 1m],
        PriceModel.Graduated(var tiers, var per) => Ends(tiers, per),
        PriceModel.Volume(var tiers, var per) => Ends(tiers, per),
        _ => [1m],
    };

    private static IEnumerable<decimal> Ends(IReadOnlyList<PriceTier> tiers, decimal per) =>
        tiers.SelectMany(tier => tier.UpTo is { } end ? new[] { end, end + 1m } : []).Prepend(per).Prepend(1m);
}
