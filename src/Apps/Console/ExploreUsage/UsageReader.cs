using Quoin.Charging;
using Quoin.ConsolePages.Overview;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.ConsolePages.ExploreUsage;

/// <summary>Asks Metering what was used and Charging what it cost, and puts both side by side.</summary>
internal sealed class UsageReader(Metering.Metering metering, Charging.Charging charging, OrganisationClock clock)
{
    public async Task<Exploration?> Read(
        OrgId org, Currency currency, UsageQuestion question, CancellationToken cancellationToken)
    {
        var meters = (await metering.Meters(cancellationToken)).OrderBy(meter => meter.Key, StringComparer.Ordinal).ToList();
        var meter = meters.Find(one => one.Key == question.Meter);
        if (meter is null && question.Meter is not null)
        {
            return null;
        }

        var range = UsageRange.Read(
            question.Range, question.Step, question.From, question.To, question.Zone, await clock.Now(org, cancellationToken));
        var known = Exploration.DimensionsOf(meter, meters);
        var by = question.By?.Where(known.Contains).ToList() ?? [.. known.Take(1)];
        var asked = new Asked(org, currency, question, meters, meter, by);
        return new Exploration(
            question,
            range,
            meters,
            meter,
            by,
            currency,
            await Read(asked, range.Bounds, range.Bounds.Count - 1, cancellationToken),
            question.IsCompared
                ? await Read(asked, range.BoundsBefore, range.Bounds.Count - 1, cancellationToken)
                : null);
    }

    private async Task<UsageOverColumns> Read(
        Asked asked, IReadOnlyList<DateTimeOffset> bounds, int columns, CancellationToken cancellationToken)
    {
        var dimensions = asked.By.Where(name => name != UsageQuestion.ByMeter).ToList();
        var spend = await charging.Spend(
            asked.Org, new SpendQuery(bounds, dimensions, asked.Question.Match, asked.Meter?.Id), cancellationToken);
        var usage = await Used(asked, dimensions, bounds, cancellationToken);
        var tellsMeters = asked.By.Contains(UsageQuestion.ByMeter);
        var groups = new Dictionary<(string Meter, Dimensions Group), Gathered>();
        Gathered Of(Meter meter, Dimensions group)
        {
            var key = (tellsMeters ? meter.Key : string.Empty, group);
            return groups.TryGetValue(key, out var found) ? found : groups[key] = new Gathered(columns);
        }

        foreach (var part in spend.Where(part => part.Amount.Currency == asked.Currency))
        {
            var meter = asked.Meters.First(one => one.Id == part.Meter);
            Of(meter, part.Group).Spent(part.Step, meter, part.Amount.Micros);
        }

        foreach (var part in usage)
        {
            Of(part.Meter, part.Group).Used(part.Step, part.Meter, part.Quantity, part.Events);
        }

        var largest = groups
            .Select(pair => pair.Value.ToGroup(Name(asked, pair.Key.Meter, pair.Key.Group), pair.Key.Meter, pair.Key.Group))
            .OrderByDescending(group => group.Cost)
            .ThenByDescending(group => group.Quantity)
            .ThenBy(group => group.Name, StringComparer.Ordinal)
            .ToList();
        return new UsageOverColumns(
            [.. largest.Zip(ChartColors.Of(largest.Select(group => group.Name)), (group, color) => group with { Color = color })],
            Sum(largest, columns, group => group.Quantities, static (left, right) => left + right),
            Sum(largest, columns, group => group.Micros, static (left, right) => left + right),
            Sum(largest, columns, group => group.Events, static (left, right) => left + right),
            largest.Sum(group => group.Quantity),
            [
                .. spend
                    .Where(part => part.Amount.Currency != asked.Currency)
                    .GroupBy(part => part.Amount.Currency)
                    .Select(group => new Money(group.Sum(part => part.Amount.Micros), group.Key)),
            ],
            spend.Count >= Charging.Limits.SpendPointsMax || usage.Count >= Metering.Limits.UsagePointsMax);
    }

    // Metering tells quarter hours, hours and days of UTC; here they are put into the reader's columns.
    private async Task<IReadOnlyList<UsedPart>> Used(
        Asked asked, List<string> dimensions, IReadOnlyList<DateTimeOffset> bounds, CancellationToken cancellationToken)
    {
        var window = bounds.All(bound => bound.UtcTicks % TimeSpan.TicksPerDay == 0) ? UsageWindow.Day
            : bounds.All(bound => bound.UtcTicks % TimeSpan.TicksPerHour == 0) ? UsageWindow.Hour
            : UsageWindow.QuarterHour;
        var names = dimensions.Union(asked.Question.Where.Select(pair => pair.Key)).ToList();
        var query = new UsageQuery(new Period(bounds[0], bounds[^1]), window, names, BillingAccount: null);
        var points = await metering.Usage(
            asked.Org,
            await metering.Bounded(asked.Org, query, cancellationToken),
            Metering.Limits.UsagePointsMax,
            cancellationToken);
        var starts = bounds.ToList();
        var parts = new List<UsedPart>(points.Count);
        foreach (var point in points.Where(point => asked.Meter is null || point.Meter == asked.Meter.Key))
        {
            var values = point.Group.ToDictionary();
            if (asked.Question.Where.All(pair => values[pair.Key] == pair.Value))
            {
                var step = starts.BinarySearch(point.WindowStart);
                parts.Add(new UsedPart(
                    step < 0 ? ~step - 1 : step,
                    asked.Meters.First(meter => meter.Key == point.Meter),
                    Dimensions.Of(dimensions.Select(name => KeyValuePair.Create(name, values[name]))),
                    point.Quantity,
                    point.EventCount));
            }
        }

        return parts;
    }

    private static string Name(Asked asked, string meter, Dimensions group)
    {
        var values = group.ToDictionary();
        var parts = asked.By.Select(name =>
            name == UsageQuestion.ByMeter ? meter
            : values[name].Length > 0 ? values[name]
            : $"no {name}");
        return string.Join(" · ", parts.DefaultIfEmpty("All usage"));
    }

    private static T[] Sum<T>(IReadOnlyList<UsageGroup> groups, int columns, Func<UsageGroup, T[]> values, Func<T, T, T> add)
        where T : struct
    {
        var sum = new T[columns];
        foreach (var group in groups)
        {
            for (var column = 0; column < columns; column++)
            {
                sum[column] = add(sum[column], values(group)[column]);
            }
        }

        return sum;
    }

    private sealed record Asked(
        OrgId Org,
        Currency Currency,
        UsageQuestion Question,
        IReadOnlyList<Meter> Meters,
        Meter? Meter,
        IReadOnlyList<string> By);

    private readonly record struct UsedPart(int Step, Meter Meter, Dimensions Group, decimal Quantity, long Events);

    /// <summary>One group as it grows.</summary>
    private sealed class Gathered(int columns)
    {
        private readonly decimal[] quantities = new decimal[columns];
        private readonly long[] micros = new long[columns];
        private readonly long[] events = new long[columns];
        private readonly HashSet<string> units = [];

        public void Spent(int step, Meter meter, long spent)
        {
            units.Add(meter.Unit);
            micros[step] += spent;
        }

        public void Used(int step, Meter meter, decimal quantity, long count)
        {
            units.Add(meter.Unit);
            quantities[step] += quantity;
            events[step] += count;
        }

        public UsageGroup ToGroup(string name, string meter, Dimensions group) => new(
            name,
            [.. group.ToDictionary()],
            meter.Length > 0 ? meter : null,
            units.Count == 1 ? units.First() : null,
            Color: null,
            quantities,
            micros,
            events)
        {
            Quantity = quantities.Sum(),
        };
    }
}
