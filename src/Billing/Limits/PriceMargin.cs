using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Limiting;

/// <summary>
/// What more usage of one price costs, on top of what was used before: pure. The parts of one margin sum to what rating
/// says of all of them together, less what it says of what was before.
/// </summary>
public sealed class PriceMargin
{
    private readonly PriceVersion version;
    private readonly int discountBps;
    private readonly bool isTheSameAnywhere;
    private readonly List<PricedQuantity> parts = [];
    private ExactFraction amount;
    private ExactFraction cost;

    /// <summary>A margin at a position.</summary>
    /// <param name="version">The price.</param>
    /// <param name="discountBps">What a contract takes off, in hundredths of a percent.</param>
    /// <param name="before">What was used in each cell, in their order; empty where nothing was or it does not matter.</param>
    public PriceMargin(PriceVersion version, int discountBps, IReadOnlyList<decimal> before)
    {
        (this.version, this.discountBps) = (version, discountBps);
        isTheSameAnywhere = IsTheSameAnywhere(version);
        foreach (var (cell, quantity) in version.Terms.Cells.Zip(before))
        {
            parts.Add(new PricedQuantity(version, cell.Key, quantity, discountBps));
        }

        if (parts.Count > 0)
        {
            (amount, cost) = (Rating.Amount(parts), Rating.Cost(parts));
        }
    }

    /// <summary>Whether each unit of a price costs the same, whatever was used before it.</summary>
    public static bool IsTheSameAnywhere(PriceVersion version) =>
        IsTheSameAnywhere(version.Terms) && (version.Cost is not { } cost || IsTheSameAnywhere(cost));

    /// <summary>What so much more costs, in micros, unrounded; from then on it was used before.</summary>
    /// <param name="cell">The cell that takes it.</param>
    /// <param name="quantity">How much, in the meter's unit.</param>
    /// <returns>What the customer pays, and what it costs the operator.</returns>
    public (decimal Customer, decimal Provider) Add(string cell, decimal quantity)
    {
        var part = new PricedQuantity(version, cell, quantity, discountBps);
        if (isTheSameAnywhere)
        {
            return (Micros(Rating.Amount(part)), Micros(Rating.Cost([part])));
        }

        parts.Add(part);
        var (amountBefore, costBefore) = (amount, cost);
        (amount, cost) = (Rating.Amount(parts), Rating.Cost(parts));
        return (Micros(amount - amountBefore), Micros(cost - costBefore));
    }

    private static bool IsTheSameAnywhere(PriceTerms terms) =>
        terms is { Included: 0, Maximum: null }
        && terms.Cells.All(cell => cell is { Included: 0, Model: PriceModel.PerUnit or PriceModel.Percentage });

    // Prices per hour of seconds have no last decimal: such a quote is a trillionth of a micro too high rather than too low.
    private static decimal Micros(ExactFraction units)
    {
        const decimal perMicro = 1_000_000_000_000m;
        return (decimal)(units * (Money.MicrosPerUnit * perMicro)).Ceiling() / perMicro;
    }
}
