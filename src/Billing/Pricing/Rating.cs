using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>A quantity and the price version it is charged at.</summary>
/// <param name="Version">The price.</param>
/// <param name="Quantity">How much usage, in the meter's unit.</param>
public readonly record struct PricedQuantity(PriceVersion Version, decimal Quantity);

/// <summary>
/// Rating as a pure function: what quantities cost. Amounts stay exact; whoever books them rounds once with
/// <see cref="Rounding"/>.
/// </summary>
public static class Rating
{
    /// <summary>
    /// What a period's usage of one price component costs: the sum over its price versions of quantity × unit price ÷
    /// per quantity, in units of currency, exact.
    /// </summary>
    public static ExactDecimal Amount(IEnumerable<PricedQuantity> quantities) =>
        quantities.Aggregate(ExactDecimal.Zero, (sum, part) => sum + Amount(part));

    /// <summary>What one quantity costs at one price, in units of currency, exact.</summary>
    public static ExactDecimal Amount(PricedQuantity part)
    {
        // Prices are per a power of ten, so division is a shift of the point: exact.
        var digits = part.Version.PerQuantity switch
        {
            1 => 0,
            1_000 => 3,
            1_000_000 => 6,
            _ => throw new InvalidOperationException($"{part.Version.Id} is per {part.Version.PerQuantity}."),
        };
        return (ExactDecimal.Of(part.Quantity) * part.Version.UnitPrice).ShiftRight(digits);
    }
}
