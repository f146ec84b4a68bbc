using Quoin.Charging;
using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.ConsolePages.BrowseLines;

/// <summary>
/// How a line's amount came about: what the whole period costs with it, rounded once, less what had been rated before.
/// </summary>
/// <param name="QuantityBefore">The period's quantity before the line.</param>
/// <param name="QuantityAfter">And with it.</param>
/// <param name="RatedBefore">What had been rated before the line.</param>
/// <param name="RatedAfter">And with it.</param>
/// <param name="Exact">
/// What the quantity with it costs at the line's price, exact, in units of currency; null where earlier usage of the
/// period was charged at another version, so that this one price does not tell the whole.
/// </param>
public sealed record LineArithmetic(
    decimal QuantityBefore,
    decimal QuantityAfter,
    Money RatedBefore,
    Money RatedAfter,
    ExactDecimal? Exact)
{
    /// <summary>Works it out again from what the line recorded.</summary>
    public static LineArithmetic Of(RatedLine line, PriceVersion price)
    {
        var after = new Money(line.PositionMicros, line.Amount.Currency);
        var exact = Rating.Amount(new PricedQuantity(price, PriceCell.Whole, line.PositionQuantity));
        return new LineArithmetic(
            line.PositionQuantity - line.Quantity,
            line.PositionQuantity,
            after - line.Amount,
            after,
            Rounding.HalfUpToMicros(exact) == line.PositionMicros ? exact.ToExactDecimal() : null);
    }
}
