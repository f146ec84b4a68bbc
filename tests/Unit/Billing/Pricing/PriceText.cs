using System.Globalization;
using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Tests.Unit.Billing.Pricing;

/// <summary>
/// Prices as short text, for tables: <c>graduated 100@1 rest@0.5+2 per 10 included 5 max 90 markup 0.2</c>; a tier is
/// <c>end@price+flat</c>; cells are <c>eu: unit 2 / us: unit 3, max 9</c>; what follows the comma holds over all cells.
/// </summary>
internal static class PriceText
{
    private static readonly IdSource Ids = new(TimeProvider.System);

    public static PriceTerms Terms(string text)
    {
        var parts = text.Split(',', 2);
        PriceCell[] cells = [.. parts[0].Split('/').Select(Cell)];
        var over = new Words(parts.Length > 1 ? parts[1] : string.Empty);
        return new PriceTerms(cells, over.Number("included") ?? 0, over.Number("max"), over.Number("min"), Factor(over));
    }

    /// <summary>Versions of one component, an hour apart.</summary>
    public static PriceVersion Version(PriceTerms terms, int hour = 0, int scale = 6) => new(
        Ids.Next<PriceVersionId>(),
        default,
        default,
        Currency.Usd,
        "meter",
        Dimensions.None,
        terms,
        new DateTimeOffset(2026, 1, 1, hour, 0, 0, TimeSpan.Zero),
        default)
    {
        Scale = scale,
    };

    /// <summary>Quantities of a version: <c>10</c>, or by cell <c>eu=10 us=5</c>.</summary>
    public static IEnumerable<PricedQuantity> Quantities(PriceVersion version, string text) => text
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(part => part.Split('='))
        .Select(part => new PricedQuantity(version, part.Length == 1 ? PriceCell.Whole : part[0], Number(part[^1])));

    public static decimal Number(string text) => decimal.Parse(text.Replace("_", string.Empty), CultureInfo.InvariantCulture);

    private static PriceCell Cell(string text)
    {
        var named = text.Split(':');
        var words = new Words(named[^1]);
        var key = named.Length == 1 ? PriceCell.Whole : named[0].Trim();
        var match = named.Length == 1 ? Dimensions.None : Dimensions.Of("region", key);
        return new PriceCell(key, match, Model(words), Included: words.Number("included") ?? 0);
    }

    private static PriceModel Model(Words words) => words.First switch
    {
        "flat" => new PriceModel.Flat(words.Number("flat")!.Value),
        "unit" => new PriceModel.PerUnit(words.Number("unit")!.Value, words.Number("per") ?? 1),
        "package" => new PriceModel.Package(words.Number("package")!.Value, words.Number("size")!.Value),
        "graduated" => new PriceModel.Graduated(words.Tiers, words.Number("per") ?? 1),
        "volume" => new PriceModel.Volume(words.Tiers, words.Number("per") ?? 1),
        "percent" => new PriceModel.Percentage(words.Number("percent")!.Value),
        _ => throw new FormatException(words.First),
    };

    private static PriceFactor? Factor(Words words) =>
        words.Number("markup") is { } markup ? new PriceFactor.Markup(markup)
        : words.Number("margin") is { } margin ? new PriceFactor.Margin(margin)
        : words.Number("off") is { } off ? new PriceFactor.Discount(off)
        : null;

    private sealed class Words(string text)
    {
        private readonly string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        public string First => words[0];

        public PriceTier[] Tiers => [.. words.Where(word => word.Contains('@')).Select(Tier)];

        public decimal? Number(string name)
        {
            var index = Array.IndexOf(words, name);
            return index < 0 ? null : PriceText.Number(words[index + 1]);
        }

        private static PriceTier Tier(string word)
        {
            var (end, prices) = (word.Split('@')[0], word.Split('@')[1].Split('+'));
            return new PriceTier(
                end == "rest" ? null : PriceText.Number(end),
                PriceText.Number(prices[0]),
                prices.Length > 1 ? PriceText.Number(prices[1]) : 0);
        }
    }
}
