using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Charging;

/// <summary>What one step adds to a position.</summary>
/// <param name="Quantity">To its quantity; negative where usage was taken back.</param>
/// <param name="Micros">To the bill.</param>
/// <param name="CostMicros">To what it costs the operator.</param>
public readonly record struct PositionStep(decimal Quantity, long Micros, long CostMicros);

/// <summary>
/// How far a rating key has been rated. Adding usage gives the next line's amount: the rounded total now, less what was
/// rated before. Rounding happens on the total only, so no order, batching or lateness changes the sum.
/// </summary>
public sealed class RatingPosition
{
    // Quantities have at most six decimals: below this they add up exactly in a decimal.
    private const decimal ExactBelow = 10_000_000_000_000_000_000_000m;

    private PricedQuantity[] parts;

    /// <summary>A position with nothing in it.</summary>
    public RatingPosition()
        : this([], 0, 0, false, 0)
    {
    }

    /// <summary>A position as it was stored.</summary>
    /// <param name="parts">Quantities by price version, cell and discount, in the order the versions take effect.</param>
    /// <param name="ratedMicros">Micros rated so far.</param>
    /// <param name="costMicros">Micros it costs the operator so far.</param>
    /// <param name="isClosed">Whether its period is closed.</param>
    /// <param name="revision">How often it was written.</param>
    public RatingPosition(
        IEnumerable<PricedQuantity> parts, long ratedMicros, long costMicros, bool isClosed, long revision)
    {
        this.parts = [.. parts];
        (RatedMicros, CostMicros, IsClosed, Revision) = (ratedMicros, costMicros, isClosed, revision);
    }

    /// <summary>Micros rated so far: the sum of all lines.</summary>
    public long RatedMicros { get; private set; }

    /// <summary>Micros the usage costs the operator so far: the sum of all lines' costs.</summary>
    public long CostMicros { get; private set; }

    /// <summary>Whether its period is closed: a minimum applies, and what still comes is late.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>How often it was written; zero for one that is new.</summary>
    public long Revision { get; internal set; }

    /// <summary>Quantities by price version, cell and discount, in the order the versions take effect.</summary>
    public IReadOnlyList<PricedQuantity> Parts => parts;

    /// <summary>The quantity over all parts.</summary>
    public decimal TotalQuantity => parts.Sum(part => part.Quantity);

    /// <summary>
    /// Adds usage at a price. Null when the total leaves <see cref="Limits.RatedMicrosMax"/> or the quantity what a
    /// decimal holds: then nothing was added.
    /// </summary>
    /// <param name="version">The price in force when it was used.</param>
    /// <param name="cell">The cell that takes it.</param>
    /// <param name="discountBps">What a contract takes off.</param>
    /// <param name="quantity">How much; negative where usage is taken back.</param>
    public PositionStep? Add(PriceVersion version, string cell, int discountBps, decimal quantity) =>
        With(version, cell, discountBps, quantity) is { } after ? MoveTo(after, quantity, IsClosed) : null;

    /// <summary>
    /// Sets all quantities, of a meter whose parts do not add up. Null when the total is too large: then nothing changed.
    /// </summary>
    public PositionStep? Set(IReadOnlyCollection<PricedQuantity> quantities)
    {
        PricedQuantity[] after = [.. quantities.Where(part => part.Quantity != 0)];
        return MoveTo(after, after.Sum(part => part.Quantity) - TotalQuantity, IsClosed);
    }

    /// <summary>Closes it; what that adds is what is missing to a minimum. Null when that is too large.</summary>
    public PositionStep? Close() => MoveTo(parts, 0, isClosed: true);

    /// <summary>From here on its period counts as closed; for one that is new in a closed period.</summary>
    internal void BeClosed() => IsClosed = true;

    private PositionStep? MoveTo(PricedQuantity[] after, decimal quantity, bool isClosed)
    {
        if (Rating.Micros(after, isClosed) is not { } total || total is > Limits.RatedMicrosMax or < -Limits.RatedMicrosMax)
        {
            return null;
        }

        long cost = 0;
        if (Array.Exists(after, part => part.Version.Cost is not null))
        {
            if (Rounding.HalfUpToMicros(Rating.Cost(after, isClosed)) is not { } exact
                || exact is > Limits.RatedMicrosMax or < -Limits.RatedMicrosMax)
            {
                return null;
            }

            cost = exact;
        }

        var step = new PositionStep(quantity, total - RatedMicros, cost - CostMicros);
        (parts, RatedMicros, CostMicros, IsClosed) = (after, total, cost, isClosed);
        return step;
    }

    private PricedQuantity[]? With(PriceVersion version, string cell, int discountBps, decimal quantity)
    {
        var index = Array.FindIndex(
            parts, part => part.Version.Id == version.Id && part.Cell == cell && part.DiscountBps == discountBps);
        if (index < 0)
        {
            var place = Array.FindIndex(parts, part => part.Version.EffectiveFrom > version.EffectiveFrom);
            var at = place < 0 ? parts.Length : place;
            return [.. parts[..at], new PricedQuantity(version, cell, quantity, discountBps), .. parts[at..]];
        }

        if (Sum(parts[index].Quantity, quantity) is not { } sum)
        {
            return null;
        }

        PricedQuantity[] after = [.. parts];
        after[index] = after[index] with { Quantity = sum };
        return after;
    }

    /// <summary>The exact sum; null when no decimal holds it.</summary>
    internal static decimal? Sum(decimal left, decimal right) =>
        left is > -ExactBelow and < ExactBelow && right is > -ExactBelow and < ExactBelow
            ? left + right
            : (ExactDecimal.Of(left) + right).ToDecimal();
}
