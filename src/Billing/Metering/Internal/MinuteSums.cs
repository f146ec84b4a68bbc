using System.Runtime.InteropServices;
using Quoin.Kernel;

namespace Quoin.Metering.Internal;

/// <summary>Gathers what events and levels come to by the minute and by the dimensions asked for.</summary>
internal sealed class MinuteSums(UsageQuery query)
{
    private readonly Dictionary<(DateTimeOffset Minute, Meter Meter, Dimensions Group), Tally> tallies = [];

    /// <summary>Adds an event, if the meter reads it and it passes the filters.</summary>
    public void Add(Meter meter, StoredEvent stored)
    {
        if (meter.MeasurementOf(stored) is not { } measured || !Passes(measured.Dimensions))
        {
            return;
        }

        var tally = TallyOf(meter, measured.Dimensions, stored.OccurredAt);
        tally.Events++;
        tally.Sum += measured.Quantity;
        tally.Max = Math.Max(tally.Max, measured.Quantity);
        tally.Min = Math.Min(tally.Min, measured.Quantity);
        var rank = (stored.OccurredAt, EventParser.KeyHashOf(stored.Source, stored.EventId).ToByteArray(bigEndian: true));
        if (tally.Events == 1 || Compare(rank, tally.LastRank) > 0)
        {
            (tally.LastRank, tally.Last) = (rank, measured.Quantity);
        }

        if (measured.Text is { } value)
        {
            tally.Values.Add(value);
        }
    }

    /// <summary>Adds what a level comes to in each minute of the range while it lasted.</summary>
    public void Add(Meter meter, Dimensions dimensions, decimal level, Period lasted)
    {
        if (!Passes(dimensions))
        {
            return;
        }

        var from = lasted.Start > query.Range.Start ? lasted.Start : query.Range.Start;
        var end = lasted.End < query.Range.End ? lasted.End : query.Range.End;
        while (from < end)
        {
            var next = MinuteOf(from).AddMinutes(1);
            var to = next < end ? next : end;
            var tally = TallyOf(meter, dimensions, from);
            tally.Sum += LevelParts.UnitSeconds(level, from, to);
            tally.Events += from == lasted.Start ? 1 : 0;
            from = to;
        }
    }

    /// <summary>What was gathered, in no order.</summary>
    public IReadOnlyList<UsagePoint> Points() =>
    [
        .. tallies.Select(pair => new UsagePoint(
            pair.Key.Minute,
            pair.Key.Meter.Key,
            pair.Key.Group,
            pair.Key.Meter.Aggregation switch
            {
                Aggregation.Max => pair.Value.Max,
                Aggregation.Min => pair.Value.Min,
                Aggregation.Last => pair.Value.Last,
                Aggregation.UniqueCount => pair.Value.Values.Count,
                _ => pair.Value.Sum,
            },
            pair.Value.Events)),
    ];

    private static int Compare((DateTimeOffset At, byte[] Key) left, (DateTimeOffset At, byte[] Key) right) =>
        left.At != right.At ? left.At.CompareTo(right.At) : left.Key.AsSpan().SequenceCompareTo(right.Key);

    private Tally TallyOf(Meter meter, Dimensions dimensions, DateTimeOffset at)
    {
        var group = Dimensions.None;
        if (query.GroupBy.Count > 0)
        {
            var values = dimensions.ToDictionary();
            group = Dimensions.Of(query.GroupBy.Select(
                name => KeyValuePair.Create(name, values.GetValueOrDefault(name, string.Empty))));
        }

        ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(tallies, (MinuteOf(at), meter, group), out _);
        return tally ??= new Tally();
    }

    private bool Passes(Dimensions dimensions)
    {
        if (query.Filters is not { Count: > 0 } filters)
        {
            return true;
        }

        var values = dimensions.ToDictionary();
        return filters.GroupBy(filter => filter.Name, StringComparer.Ordinal).All(group =>
            values.TryGetValue(group.Key, out var value) && group.Any(filter => filter.Value == value));
    }

    private static DateTimeOffset MinuteOf(DateTimeOffset instant) =>
        new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);

    private sealed class Tally
    {
        public decimal Sum { get; set; }

        public decimal Max { get; set; } = decimal.MinValue;

        public decimal Min { get; set; } = decimal.MaxValue;

        public decimal Last { get; set; }

        public (DateTimeOffset At, byte[] Key) LastRank { get; set; }

        public HashSet<string> Values { get; } = new(StringComparer.Ordinal);

        public long Events { get; set; }
    }
}
