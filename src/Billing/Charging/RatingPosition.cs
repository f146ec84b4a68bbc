using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Charging;

/// <summary>
/// How far a rating key has been rated. Adding usage gives the next line's amount: the rounded total now, less what was
/// rated before. Rounding happens on the total only, so no order, batching or lateness changes the sum.
/// </summary>
public sealed class RatingPosition
{
    private readonly List<PricedQuantity> quantities;

    /// <summary>A position as it was stored, or a new one with nothing in it.</summary>
    public RatingPosition(IEnumerable<PricedQuantity> quantities, long ratedMicros, long lineCount) =>
        (this.quantities, RatedMicros, LineCount) = ([.. quantities], ratedMicros, lineCount);

    /// <summary>Micros rated so far: the sum of all lines.</summary>
    public long RatedMicros { get; private set; }

    /// <summary>Lines made so far.</summary>
    public long LineCount { get; private set; }

    /// <summary>Quantity by price version, in the order the versions take effect.</summary>
    public IReadOnlyList<PricedQuantity> Quantities => quantities;

    /// <summary>The quantity over all versions.</summary>
    public decimal TotalQuantity => quantities.Sum(part => part.Quantity);

    /// <summary>
    /// Adds usage at a price version; returns what it adds to the bill, in micros. Null when the total leaves
    /// <see cref="Limits.RatedMicrosMax"/> or the quantity what a decimal holds: then nothing was added.
    /// </summary>
    public long? Add(PriceVersion version, decimal quantity)
    {
        if (With(version, quantity) is not { } after
            || Rating.Micros(after) is not { } total
            || total is > Limits.RatedMicrosMax or < -Limits.RatedMicrosMax)
        {
            return null;
        }

        quantities.Clear();
        quantities.AddRange(after);
        var delta = total - RatedMicros;
        RatedMicros = total;
        LineCount++;
        return delta;
    }

    private List<PricedQuantity>? With(PriceVersion version, decimal quantity)
    {
        var after = new List<PricedQuantity>(quantities);
        var index = after.FindIndex(part => part.Version.Id == version.Id);
        if (index < 0)
        {
            var place = after.FindIndex(part => part.Version.EffectiveFrom > version.EffectiveFrom);
            after.Insert(place < 0 ? after.Count : place, new PricedQuantity(version, PriceCell.Whole, quantity));
        }
        else
        {
            var sum = ExactDecimal.Of(after[index].Quantity) + quantity;
            if (sum.ToDecimal() is not { } held)
            {
                return null;
            }

            after[index] = new PricedQuantity(version, PriceCell.Whole, held);
        }

        return after;
    }
}
