using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Pricing;

namespace Quoin.Tests.Simulation.Charges;

/// <summary>
/// A price of every model for a meter of every kind, each with cells by region and a change of price in the middle; some
/// with allowances, a maximum, groups, whole cents. Usage names its tariff, so that each is told apart from the others.
/// </summary>
internal static class Tariffs
{
    public static readonly DateTimeOffset Change = new(2026, 3, 31, 22, 30, 0, TimeSpan.Zero);

    public static readonly IReadOnlyList<string> Names = ["flat", "per_unit", "package", "graduated", "volume", "percentage"];

    public static readonly IReadOnlyList<(string Key, Aggregation Aggregation)> Meters =
    [
        ("rate.sum", Aggregation.Sum),
        ("rate.count", Aggregation.Count),
        ("rate.max", Aggregation.Max),
        ("rate.min", Aggregation.Min),
        ("rate.last", Aggregation.Last),
        ("rate.unique", Aggregation.UniqueCount),
        ("rate.seconds", Aggregation.TimeWeighted),
    ];

    /// <summary>All prices, the earlier of each first.</summary>
    public static NewPrice[] All() =>
    [
        .. from isLater in new[] { false, true }
           from meter in Meters.Index()
           from tariff in Names.Index()
           select Price(meter.Item.Key, tariff.Item, meter.Index + tariff.Index, isLater),
    ];

    private static NewPrice Price(string meter, string tariff, int variant, bool isLater)
    {
        var step = isLater ? 1 : 0;
        var cells = new[] { "eu", "us", "none" }.Index().Select(region => new PriceCell(
            region.Item,
            Dimensions.Of("region", region.Item),
            Model(tariff, step + region.Index),
            Included: variant % 4 == 1 ? 1.5m + region.Index : 0m));
        var terms = new PriceTerms(
            [.. cells],
            Included: variant % 4 == 2 ? 4m + step : 0m,
            Maximum: variant % 5 == 3 ? 2m + step : null,
            Factor: variant % 3 == 2 ? new PriceFactor.Markup(0.17m) : null);
        return new NewPrice(meter, Dimensions.Of("tariff", tariff), terms, isLater ? Change : null)
        {
            GroupBy = variant % 2 == 0 ? ["team"] : [],
            Scale = variant % 7 == 6 ? 2 : PriceVersion.ScaleMax,
        };
    }

    private static PriceModel Model(string tariff, int step)
    {
        PriceTier[] tiers = [new(3m + step, 0.11m, 0.03m), new(40m, 0.05m, 0.3m), new(null, 0.0125m, 0m)];
        return tariff switch
        {
            "flat" => new PriceModel.Flat(0.7m + step),
            "per_unit" => new PriceModel.PerUnit(0.37m + (0.1m * step), 7m),
            "package" => new PriceModel.Package(0.15m + (0.01m * step), 2.5m + step),
            "graduated" => new PriceModel.Graduated(tiers, 3m),
            "volume" => new PriceModel.Volume(tiers, 3m),
            _ => new PriceModel.Percentage(2.9m + step),
        };
    }
}
