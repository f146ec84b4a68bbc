using Quoin.ConsolePages.Parts;
using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.ConsolePages.BrowsePrices;

/// <summary>What some usage would cost at a draft, and costs at what is published.</summary>
/// <param name="Quantity">How much.</param>
/// <param name="Drafted">What the draft comes to.</param>
/// <param name="Published">What the published version comes to; null where there is none that takes it.</param>
public sealed record PreviewedAmount(decimal Quantity, RatingExplanation Drafted, ExactFraction? Published);

/// <summary>A price that is being written, beside the published one.</summary>
/// <param name="Book">The book it is for.</param>
/// <param name="Form">What was written.</param>
/// <param name="Meters">Keys of all meters.</param>
/// <param name="Price">What it means; null where it means nothing yet.</param>
/// <param name="Before">The newest published version of the same component; null for a new one.</param>
public sealed record PriceDraft(
    PriceBook Book, PriceForm Form, IReadOnlyList<string> Meters, NewPrice? Price, PriceVersion? Before)
{
    private const int PointsDrawn = 120;

    /// <summary>The draft as if it were published.</summary>
    public PriceVersion? Version { get; } = Price is null ? null : AsVersion(Book, Price);

    /// <summary>The key of the cell that is previewed.</summary>
    public string? Cell => Version?.Terms.Cells.FirstOrDefault(cell => cell.Key == Form["cell"])?.Key ?? Version?.Terms.Cells[0].Key;

    /// <summary>The quantities that are previewed: those asked for, or some at which the price does something.</summary>
    public IReadOnlyList<decimal> Quantities => Form.Quantities() is { Count: > 0 } asked ? asked : Telling();

    /// <summary>Lines that differ between the published version and the draft: both null never.</summary>
    public IReadOnlyList<(string Name, string? Before, string? After)> Changes
    {
        get
        {
            var after = Version is null ? [] : PriceText.Lines(Version);
            var before = Before is null ? [] : PriceText.Lines(Before);
            return
            [
                .. before.Select(line => (line.Name, (string?)line.Text, After: after.FirstOrDefault(one => one.Name == line.Name).Text))
                    .Where(line => line.Item2 != line.After)!,
                .. after.Where(line => before.All(one => one.Name != line.Name))
                    .Select(line => (line.Name, (string?)null, (string?)line.Text)),
            ];
        }
    }

    /// <summary>What the quantities come to.</summary>
    public IReadOnlyList<PreviewedAmount> Amounts => Version is not { } version || Cell is not { } cell
        ? []
        : [.. Quantities.Select(quantity => new PreviewedAmount(
            quantity,
            Rating.Explain([new PricedQuantity(version, cell, quantity)], Form["closed"].Length > 0),
            PublishedAmount(quantity)))];

    /// <summary>The amount over the quantity, to draw: of the draft, and of the published version where there is one.</summary>
    public (IReadOnlyList<(double Quantity, double Amount)> Drafted, IReadOnlyList<(double Quantity, double Amount)> Published) Curves()
    {
        if (Version is not { } version || Cell is not { } cell)
        {
            return ([], []);
        }

        var end = Quantities[^1] == 0 ? 1 : Quantities[^1];
        var edges = Edges(version).Concat(Before is null ? [] : Edges(Before)).Where(edge => edge < end);
        var quantities = Enumerable.Range(0, PointsDrawn + 1)
            .Select(point => decimal.Round(end * point / PointsDrawn, 6))
            .Concat(edges.SelectMany(edge => new[] { edge, edge + (end / 100_000) }))
            .Order()
            .ToList();
        return (
            [
                .. quantities.Select(quantity =>
                    ((double)quantity, PriceText.Near(Rating.Amount(new PricedQuantity(version, cell, quantity))))),
            ],
            Before is null || PublishedAmount(0) is null
                ? []
                : [.. quantities.Select(quantity => ((double)quantity, PriceText.Near(PublishedAmount(quantity)!.Value)))]);
    }

    private static PriceVersion AsVersion(PriceBook book, NewPrice price) => new(
        default, book.Id, default, book.Currency, price.Meter, price.Match, price.Terms, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch)
    {
        GroupBy = [.. price.GroupBy.Order(StringComparer.Ordinal)],
        Cost = price.Cost,
        Scale = price.Scale,
    };

    private ExactFraction? PublishedAmount(decimal quantity) =>
        Before?.Terms.Cells.FirstOrDefault(cell => cell.Key == Cell) is { } same
            ? Rating.Amount([new PricedQuantity(Before, same.Key, quantity)], Form["closed"].Length > 0)
            : null;

    private List<decimal> Telling()
    {
        var edges = Version is null ? [] : Edges(Version).Order().ToList();
        if (edges.Count > 0)
        {
            return [0, .. edges, edges[^1] * 2];
        }

        var per = Version?.Terms.Cells.FirstOrDefault(cell => cell.Key == Cell)?.Model switch
        {
            PriceModel.PerUnit unit => unit.Per,
            PriceModel.Package package => package.Size,
            _ => 1m,
        };
        return [0, per, per * 10, per * 100];
    }

    private IEnumerable<decimal> Edges(PriceVersion version)
    {
        var cell = version.Terms.Cells.FirstOrDefault(one => one.Key == Cell);
        var tiers = cell?.Model switch
        {
            PriceModel.Graduated graduated => graduated.Tiers,
            PriceModel.Volume volume => volume.Tiers,
            _ => [],
        };
        var included = version.Terms.Included + (cell?.Included ?? 0);
        return tiers
            .Where(tier => tier.UpTo is not null)
            .Select(tier => tier.UpTo!.Value + included)
            .Concat(included > 0 ? [included] : [])
            .Take(Limits.QuantitiesPreviewed - 2);
    }
}
