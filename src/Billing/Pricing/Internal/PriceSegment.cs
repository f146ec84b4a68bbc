using Quoin.Kernel;

namespace Quoin.Pricing.Internal;

/// <summary>A period's quantities at one version and discount.</summary>
internal sealed class PriceSegment(PriceVersion version, PriceTerms terms, int discountBps)
{
    /// <summary>A hundredth of a percent is one part of so many.</summary>
    public const int BpsOfAll = 10_000;

    /// <summary>Terms of a version that says nothing: a cost nobody stated.</summary>
    private static readonly PriceTerms Nothing = new([]);

    public PriceVersion Version => version;

    public PriceTerms Terms => terms;

    public int DiscountBps => discountBps;

    public CellQuantities Quantities { get; } = new();

    /// <summary>Whether one cell stands for all the price's cells: a cost that is the same for each of them.</summary>
    public bool TakesAll { get; private init; }

    /// <summary>The segments of customer prices, in order of effect.</summary>
    public static List<PriceSegment> Of(IEnumerable<PricedQuantity> parts) =>
        Of(parts, part => new PriceSegment(part.Version, part.Version.Terms, part.DiscountBps), true);

    /// <summary>The segments of costs, which know no discount.</summary>
    public static List<PriceSegment> OfCost(IEnumerable<PricedQuantity> parts) => Of(
        parts,
        part => new PriceSegment(part.Version, part.Version.Cost ?? Nothing, 0)
        {
            TakesAll = part.Version.Cost is { Cells: [{ IsWhole: true }] },
        },
        false);

    public RatingStep Step(RatingStepKind kind, ExactFraction amount, decimal? price = null) =>
        new(kind, version.Id, null, null, null, price, null, amount);

    private static List<PriceSegment> Of(
        IEnumerable<PricedQuantity> parts,
        Func<PricedQuantity, PriceSegment> begin,
        bool isDiscounted)
    {
        var segments = new List<PriceSegment>(1);
        foreach (var part in parts)
        {
            var discount = isDiscounted ? part.DiscountBps : 0;
            var segment = segments.Find(known => known.Version.Id == part.Version.Id && known.DiscountBps == discount);
            if (segment is null)
            {
                segments.Add(segment = begin(part));
            }

            segment.Quantities.Add(part.Cell, part.Quantity);
        }

        if (segments.Count > 1)
        {
            // Two versions never begin at one instant; a discount that came or went within a version has no order of
            // its own, so the smaller one is first: any order does, as long as it is always the same.
            segments.Sort((left, right) => (left.Version.EffectiveFrom, left.Version.Id.Value, left.DiscountBps)
                .CompareTo((right.Version.EffectiveFrom, right.Version.Id.Value, right.DiscountBps)));
        }

        return segments;
    }
}

/// <summary>Quantities by cell key: a handful, so a list is faster than a table.</summary>
internal sealed class CellQuantities
{
    private readonly List<(string Cell, ExactFraction Quantity)> cells = new(1);

    public bool IsEmpty => cells.TrueForAll(cell => cell.Quantity.IsZero);

    public ExactFraction Of(string key) => cells.Find(cell => cell.Cell == key).Quantity;

    public ExactFraction Sum() => cells.Aggregate(ExactFraction.Zero, (sum, cell) => sum + cell.Quantity);

    public void Add(string key, ExactFraction quantity)
    {
        var index = cells.FindIndex(cell => cell.Cell == key);
        if (index < 0)
        {
            cells.Add((key, quantity));
        }
        else
        {
            cells[index] = (key, cells[index].Quantity + quantity);
        }
    }

    public void Add(CellQuantities more) => more.cells.ForEach(cell => Add(cell.Cell, cell.Quantity));

    public CellQuantities With(CellQuantities more)
    {
        if (cells.Count == 0)
        {
            return more;
        }

        var both = new CellQuantities();
        both.Add(this);
        both.Add(more);
        return both;
    }
}
