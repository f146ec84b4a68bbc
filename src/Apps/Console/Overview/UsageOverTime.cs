using Quoin.Charging;
using Quoin.Kernel;
using Quoin.Metering;

namespace Quoin.ConsolePages.Overview;

/// <summary>What one model used and cost over a range.</summary>
/// <param name="Name">The model; empty for usage that names none.</param>
/// <param name="Color">Its place among the chart's colours; null for those drawn together as one.</param>
/// <param name="SpendMicros">What it cost, step by step.</param>
/// <param name="Tokens">Tokens of all meters that count them, step by step.</param>
/// <param name="Quantities">How much of each meter, by the meter's key, over the range.</param>
/// <param name="Events">From how many events.</param>
public sealed record ModelUsage(
    string Name,
    int? Color,
    long[] SpendMicros,
    decimal[] Tokens,
    IReadOnlyDictionary<string, decimal> Quantities,
    long Events)
{
    /// <summary>What it cost over the range.</summary>
    public long TotalMicros { get; } = SpendMicros.Sum();

    /// <summary>Its tokens over the range.</summary>
    public decimal TotalTokens { get; } = Tokens.Sum();
}

/// <summary>Usage and its cost over a range, by model.</summary>
/// <param name="Range">Over which time.</param>
/// <param name="Currency">Of which currency the cost is.</param>
/// <param name="Models">The dearest first.</param>
/// <param name="Meters">The meters that counted anything.</param>
/// <param name="OtherSpend">What was spent in other currencies.</param>
/// <param name="IsCut">Whether there was more than one answer holds.</param>
public sealed record UsageOverTime(
    OverviewRange Range,
    Currency Currency,
    IReadOnlyList<ModelUsage> Models,
    IReadOnlyList<Meter> Meters,
    IReadOnlyList<Money> OtherSpend,
    bool IsCut)
{
    /// <summary>What tells models apart in events.</summary>
    public const string Dimension = "model";

    private const string TokenUnit = "token";

    /// <summary>What everything cost.</summary>
    public Money Spend { get; } = new(Models.Sum(model => model.TotalMicros), Currency);

    /// <summary>All tokens.</summary>
    public decimal Tokens { get; } = Models.Sum(model => model.TotalTokens);

    /// <summary>As charts stack them: those with a colour of their own, then all others as one.</summary>
    public IReadOnlyList<ModelUsage> Stacked
    {
        get
        {
            var rest = Models.Where(model => model.Color is null).ToList();
            var charted = Models.Where(model => model.Color is not null).OrderBy(model => model.Color);
            return rest.Count == 0 ? [.. charted] : [.. charted, AsOne(rest)];
        }
    }

    /// <summary>Arranges what the doors answered.</summary>
    public static UsageOverTime Of(
        OverviewRange range,
        Currency currency,
        IReadOnlyCollection<Meter> meters,
        IReadOnlyList<UsagePoint> usage,
        IReadOnlyList<SpendPoint> spend)
    {
        var tokenMeters = meters.Where(meter => meter.Unit == TokenUnit).Select(meter => meter.Key).ToHashSet();
        var usageOf = usage.ToLookup(point => point.Group.ToDictionary().GetValueOrDefault(Dimension, string.Empty));
        var spendOf = spend.Where(point => point.Amount.Currency == currency).ToLookup(point => point.Group);
        var names = usageOf.Select(group => group.Key).Union(spendOf.Select(group => group.Key)).ToList();
        var models = names
            .Select(name => OfOne(name, range, tokenMeters, [.. usageOf[name]], [.. spendOf[name]]))
            .OrderByDescending(model => model.TotalMicros)
            .ThenByDescending(model => model.TotalTokens)
            .ThenBy(model => model.Name, StringComparer.Ordinal)
            .ToList();
        var used = usage.Select(point => point.Meter).ToHashSet();
        return new UsageOverTime(
            range,
            currency,
            Colored(models),
            [.. meters.Where(meter => used.Contains(meter.Key))],
            [.. Others(spend, currency)],
            usage.Count >= Metering.Limits.UsagePointsMax || spend.Count >= Charging.Limits.SpendPointsMax);
    }

    private static ModelUsage OfOne(
        string name, OverviewRange range, HashSet<string> tokenMeters, UsagePoint[] usage, SpendPoint[] spend)
    {
        var micros = new long[range.Columns.Count];
        var tokens = new decimal[range.Columns.Count];
        foreach (var point in spend)
        {
            micros[Column(range, point.WindowStart)] += point.Amount.Micros;
        }

        foreach (var point in usage.Where(point => tokenMeters.Contains(point.Meter)))
        {
            tokens[Column(range, point.WindowStart)] += point.Quantity;
        }

        var byMeter = usage.GroupBy(point => point.Meter).ToList();
        return new ModelUsage(
            name,
            Color: null,
            micros,
            tokens,
            byMeter.ToDictionary(group => group.Key, group => group.Sum(point => point.Quantity)),

            // Several meters count the same event; the one that counted most has seen them all.
            byMeter.Count == 0 ? 0 : byMeter.Max(group => group.Sum(point => point.EventCount)));
    }

    private static List<ModelUsage> Colored(List<ModelUsage> dearestFirst) =>
    [
        .. dearestFirst.Zip(
            ChartColors.Of(dearestFirst.Select(model => model.Name)), (model, color) => model with { Color = color }),
    ];

    private static ModelUsage AsOne(IReadOnlyList<ModelUsage> models) => new(
        $"{models.Count} others",
        Color: null,
        [.. models[0].SpendMicros.Select((_, column) => models.Sum(model => model.SpendMicros[column]))],
        [.. models[0].Tokens.Select((_, column) => models.Sum(model => model.Tokens[column]))],
        new Dictionary<string, decimal>(),
        models.Sum(model => model.Events));

    private static IEnumerable<Money> Others(IReadOnlyList<SpendPoint> spend, Currency currency) => spend
        .Where(point => point.Amount.Currency != currency)
        .GroupBy(point => point.Amount.Currency)
        .Select(group => new Money(group.Sum(point => point.Amount.Micros), group.Key));

    private static int Column(OverviewRange range, DateTimeOffset start) =>
        (int)((start - range.Period.Start).Ticks / range.Window.Width().Ticks);
}
