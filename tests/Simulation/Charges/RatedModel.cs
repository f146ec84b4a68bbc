using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Pricing;

namespace Quoin.Tests.Simulation.Charges;

/// <summary>What is rated as one: a price, a period, and a team where the price groups by it.</summary>
internal sealed record RatedKey(string Meter, string Tariff, DateTimeOffset PeriodStart, string Team)
{
    public override string ToString() => $"{Meter} {Tariff} {PeriodStart:MM-dd HH:mm} {Team}";
}

/// <summary>
/// What all events come to at once, at the prices in force: no folds, no positions, no deltas. Of additive meters each
/// part is priced where it lies; of the others each stretch of one price gets what it adds to the total before it.
/// </summary>
internal sealed class RatedModel(
    IReadOnlyCollection<PriceVersion> prices, AccountPlans plans, IReadOnlyCollection<RatedEvent> events, DateTimeOffset now)
{
    private sealed record Part(RatedEvent Of, DateTimeOffset Bucket, decimal Quantity);

    /// <summary>Micros of each key, without those that come to nothing.</summary>
    public Dictionary<RatedKey, long> Micros()
    {
        var amounts = new Dictionary<RatedKey, long>();
        foreach (var (meter, aggregation) in Tariffs.Meters)
        {
            var parts = Parts(aggregation).GroupBy(part => KeyOf(meter, part));
            foreach (var key in parts)
            {
                var quantities = IsAdditive(aggregation) ? Added(key.Key, key) : Gauged(key.Key, aggregation, [.. key]);
                amounts[key.Key] = Rating.Micros(quantities)!.Value;
            }
        }

        return amounts.Where(pair => pair.Value != 0).ToDictionary();
    }

    /// <summary>The quantity of an additive meter in a range of quarter hours.</summary>
    public decimal Quantity(Aggregation aggregation, Period range) =>
        Parts(aggregation).Where(part => range.Contains(part.Bucket)).Sum(part => part.Quantity);

    public static bool IsAdditive(Aggregation aggregation) =>
        aggregation is Aggregation.Sum or Aggregation.Count or Aggregation.TimeWeighted;

    private RatedKey KeyOf(string meter, Part part)
    {
        var isGrouped = prices.First(price => Is(price, meter, part.Of.Tariff)).GroupBy.Count > 0;
        return new RatedKey(
            meter, part.Of.Tariff, plans.PeriodAt(part.Bucket).Start, isGrouped ? part.Of.Team : string.Empty);
    }

    private PriceVersion PriceAt(RatedKey key, DateTimeOffset at) => prices
        .Where(price => Is(price, key.Meter, key.Tariff) && price.EffectiveFrom <= at)
        .MaxBy(price => price.EffectiveFrom)!;

    private static bool Is(PriceVersion price, string meter, string tariff) =>
        price.Meter == meter && price.Match == Dimensions.Of("tariff", tariff);

    private int DiscountAt(DateTimeOffset at) =>
        plans.Assignments.FirstOrDefault(one => one.PricesInForce.Contains(at))?.DiscountBps ?? 0;

    private PricedQuantity[] Added(RatedKey key, IEnumerable<Part> parts) =>
    [
        .. parts.Select(part => new PricedQuantity(
            PriceAt(key, part.Bucket), part.Of.Region, part.Quantity, DiscountAt(part.Bucket))),
    ];

    private PricedQuantity[] Gauged(RatedKey key, Aggregation aggregation, Part[] parts)
    {
        var period = plans.PeriodAt(key.PeriodStart);
        DateTimeOffset[] cuts =
        [
            .. plans.Assignments.Select(one => one.PricesInForce.Start).Append(Tariffs.Change)
                .Where(at => at > period.Start && at < period.End).Append(period.Start).Distinct().Order(),
        ];
        decimal Total(string region, DateTimeOffset until)
        {
            var taken = parts.Where(part => part.Of.Region == region && part.Bucket < until).ToArray();
            return taken.Length == 0 ? 0 : Gauge(aggregation, taken);
        }

        return
        [
            .. from cut in cuts.Index()
               let end = cut.Index + 1 < cuts.Length ? cuts[cut.Index + 1] : period.End
               from region in new[] { "eu", "us", "none" }
               select new PricedQuantity(
                   PriceAt(key, cut.Item), region, Total(region, end) - Total(region, cut.Item), DiscountAt(cut.Item)),
        ];
    }

    private static decimal Gauge(Aggregation aggregation, Part[] parts) => aggregation switch
    {
        Aggregation.Max => parts.Max(part => part.Quantity),
        Aggregation.Min => parts.Min(part => part.Quantity),
        Aggregation.Last => parts.OrderBy(part => part.Of.Said.Time)
            .ThenBy(part => part.Of.Said.Rank, StringComparer.Ordinal)
            .Last().Quantity,
        _ => parts.Select(part => part.Of.Said.Who).Distinct().Count(),
    };

    private IEnumerable<Part> Parts(Aggregation aggregation) => aggregation == Aggregation.TimeWeighted
        ? events.Where(one => !one.Said.IsJob).GroupBy(one => one.Said.Who).SelectMany(series => Lasting(
            [.. series.OrderBy(one => one.Said.Time).ThenBy(one => one.Said.Rank, StringComparer.Ordinal)]))
        : events.Where(one => one.Said.IsJob)
            .Select(one => new Part(one, one.Bucket, aggregation == Aggregation.Count ? 1 : one.Said.Amount));

    private IEnumerable<Part> Lasting(RatedEvent[] levels)
    {
        foreach (var (index, level) in levels.Index())
        {
            var end = index + 1 < levels.Length ? levels[index + 1].Said.Time : QuarterHour.Of(now);
            for (var from = level.Said.Time; from < end && level.Said.Amount != 0;)
            {
                var next = QuarterHour.Of(from).AddMinutes(15);
                var to = next < end ? next : end;
                yield return new Part(level, QuarterHour.Of(from), level.Said.Amount * ((to - from).Ticks / 10_000_000m));
                from = to;
            }
        }
    }
}
