using Quoin.ConsolePages.Overview;
using Quoin.Kernel;
using Quoin.Metering;

namespace Quoin.ConsolePages.ExploreUsage;

/// <summary>Everything the usage explorer shows.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Range">Over which time.</param>
/// <param name="Meters">All meters, by key.</param>
/// <param name="Meter">The one asked for; null is all.</param>
/// <param name="By">What is told apart.</param>
/// <param name="Currency">Of which currency the cost is.</param>
/// <param name="Usage">The usage.</param>
/// <param name="Before">The usage of the time before; null where nobody asked.</param>
public sealed record Exploration(
    UsageQuestion Question,
    UsageRange Range,
    IReadOnlyList<Meter> Meters,
    Meter? Meter,
    IReadOnlyList<string> By,
    Currency Currency,
    UsageOverColumns Usage,
    UsageOverColumns? Before)
{
    /// <summary>What can be told apart: what the newest versions of the meters read, and all that the address names.</summary>
    public IReadOnlyList<string> Dimensions => DimensionsOf(Meter, Meters);

    /// <summary>The same for one meter, or for all; the band of sizes, which nobody sent, comes last.</summary>
    public static IReadOnlyList<string> DimensionsOf(Meter? meter, IReadOnlyList<Meter> meters)
    {
        var read = meter is null ? meters : [meter];
        return
        [
            .. meter is null ? [UsageQuestion.ByMeter] : Array.Empty<string>(),
            .. read
                .SelectMany(one => one.Versions)
                .SelectMany(version => NamesOf(version.Definition))
                .Distinct()
                .OrderBy(name => name == MeterBands.Dimension)
                .ThenBy(name => name, StringComparer.Ordinal),
        ];
    }

    /// <summary>As the chart of cost stacks it.</summary>
    public IReadOnlyList<ChartSeries> CostSeries => Stacked(
        group => [.. group.Micros.Select(micros => (double)micros / Money.MicrosPerUnit)],
        group => [.. group.Micros.Select(micros => Format.Exact(new Money(micros, Currency)))],
        rest => [.. Columns(rest, group => group.Micros).Select(micros => Format.Exact(new Money((long)micros, Currency)))]);

    /// <summary>As the chart of quantity stacks it.</summary>
    public IReadOnlyList<ChartSeries> QuantitySeries => Stacked(
        group => [.. group.Quantities.Select(quantity => (double)quantity)],
        group => [.. group.Quantities.Select(Format.Quantity)],
        rest => [.. Columns(rest, group => group.Quantities).Select(Format.Quantity)]);

    /// <summary>The cost of the time before, as the chart draws it; null where nobody asked.</summary>
    public ChartSeries? CostBefore => Before is null ? null : OfBefore(
        [.. Before.Micros.Select(micros => (double)micros / Money.MicrosPerUnit)],
        [.. Before.Micros.Select(micros => Format.Exact(new Money(micros, Currency)))]);

    /// <summary>The quantity of the time before, as the chart draws it; null where nobody asked.</summary>
    public ChartSeries? QuantityBefore => Before is null ? null : OfBefore(
        [.. Before.Quantities.Select(quantity => (double)quantity)],
        [.. Before.Quantities.Select(Format.Quantity)]);

    private static IEnumerable<string> NamesOf(MeterDefinition definition) =>
        definition.Dimensions.Select(dimension => dimension.Name)
            .Concat(definition.Bands is null ? [] : [MeterBands.Dimension]);

    private static ChartSeries OfBefore(double[] values, string[] texts) => new("Before", Color: null, values, texts);

    private static IEnumerable<decimal> Columns<T>(IReadOnlyList<UsageGroup> groups, Func<UsageGroup, T[]> values)
        where T : struct, IConvertible =>
        Enumerable.Range(0, values(groups[0]).Length)
            .Select(column => groups.Sum(group => Convert.ToDecimal(values(group)[column], null)));

    private List<ChartSeries> Stacked(
        Func<UsageGroup, double[]> values,
        Func<UsageGroup, string[]> texts,
        Func<IReadOnlyList<UsageGroup>, string[]> textsOfRest)
    {
        var rest = Usage.Groups.Where(group => group.Color is null).ToList();
        var stacked = Usage.Groups
            .Where(group => group.Color is not null)
            .OrderBy(group => group.Color)
            .Select(group => new ChartSeries(group.Name, group.Color, values(group), texts(group)))
            .ToList();
        if (rest.Count > 0)
        {
            var all = rest.Select(values).ToList();
            stacked.Add(new ChartSeries(
                $"{Format.Count(rest.Count)} others",
                Color: null,
                [.. Enumerable.Range(0, all[0].Length).Select(column => all.Sum(one => one[column]))],
                textsOfRest(rest)));
        }

        return stacked;
    }
}
