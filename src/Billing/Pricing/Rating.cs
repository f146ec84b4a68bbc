using Quoin.Kernel;
using Quoin.Pricing.Internal;

namespace Quoin.Pricing;

/// <summary>A period's quantity in one cell of one price version.</summary>
/// <param name="Version">The price in force when it was used.</param>
/// <param name="Cell">The key of the cell that took it.</param>
/// <param name="Quantity">How much usage, in the meter's unit; negative where more was taken back than used.</param>
/// <param name="DiscountBps">Hundredths of a percent a contract takes off; 0 to 10,000.</param>
public readonly record struct PricedQuantity(PriceVersion Version, string Cell, decimal Quantity, int DiscountBps = 0);

/// <summary>What a period costs, and how that came about.</summary>
/// <param name="Steps">In order; their amounts sum to <paramref name="Amount"/> exactly.</param>
/// <param name="Amount">Units of currency, exact.</param>
/// <param name="Micros">The same rounded once, half-up, to the price's scale; null when it does not fit 64 bits.</param>
public sealed record RatingExplanation(IReadOnlyList<RatingStep> Steps, ExactFraction Amount, long? Micros);

/// <summary>
/// Rating as a pure function: what quantities cost. Amounts stay exact and end once, in <see cref="Micros"/>.
/// </summary>
/// <remarks>
/// A period's quantities at several versions v₁, v₂ … in order of effect cost A₁(Q₁) + A₂(Q₁+Q₂) − A₂(Q₁) + …: usage
/// takes up at a new price where the old one left it. What a version adds is held by that version's maximum; a closed
/// period is lifted to the last version's minimum. So the amount depends on the quantities, never on their order, their
/// batches or when they came.
/// </remarks>
public static class Rating
{
    /// <summary>What a period's usage of one price component costs, in units of currency, exact.</summary>
    /// <param name="parts">The quantities by version and cell; several of one sum up.</param>
    /// <param name="isClosed">Whether nothing can be added any more, so that a minimum applies.</param>
    public static ExactFraction Amount(IEnumerable<PricedQuantity> parts, bool isClosed = false) =>
        PeriodRating.Amount(PriceSegment.Of(parts), isClosed, null);

    /// <summary>What one quantity costs at one price, in units of currency, exact.</summary>
    public static ExactFraction Amount(PricedQuantity part) => Amount([part]);

    /// <summary>
    /// <see cref="Amount(IEnumerable{PricedQuantity}, bool)"/> rounded once, half-up, to the scale of the last version.
    /// </summary>
    /// <returns>Micros; null when they do not fit 64 bits: never wrapped.</returns>
    public static long? Micros(IReadOnlyCollection<PricedQuantity> parts, bool isClosed = false)
    {
        var segments = PriceSegment.Of(parts);
        return Rounded(PeriodRating.Amount(segments, isClosed, null), segments);
    }

    /// <summary>
    /// What the same usage costs the operator, in units of currency, exact: the versions' cost terms by the same rules.
    /// A version without them adds nothing.
    /// </summary>
    public static ExactFraction Cost(IEnumerable<PricedQuantity> parts, bool isClosed = false) =>
        PeriodRating.Amount(PriceSegment.OfCost(parts), isClosed, null);

    /// <summary>The arithmetic of <see cref="Amount(IEnumerable{PricedQuantity}, bool)"/>, step by step.</summary>
    public static RatingExplanation Explain(IReadOnlyCollection<PricedQuantity> parts, bool isClosed = false)
    {
        var segments = PriceSegment.Of(parts);
        var steps = new List<RatingStep>();
        var amount = PeriodRating.Amount(segments, isClosed, steps);
        return new RatingExplanation(steps, amount, Rounded(amount, segments));
    }

    private static long? Rounded(ExactFraction amount, List<PriceSegment> segments) =>
        segments.Count == 0 ? 0 : Rounding.HalfUpToMicros(amount, segments[^1].Version.Scale);
}
