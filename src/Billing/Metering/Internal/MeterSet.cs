using System.Text;

namespace Quoin.Metering.Internal;

/// <summary>The meters as the parser uses them: by event type and time, property names as UTF-8. Immutable.</summary>
internal sealed class MeterSet
{
    private readonly TypeMeters[] types;

    public MeterSet(IReadOnlyCollection<Meter> meters)
    {
        All = meters;
        types =
        [
            .. meters
                .SelectMany(meter => meter.Versions.Select(version => version.Definition.EventType))
                .Distinct(StringComparer.Ordinal)
                .Select(type => new TypeMeters(type, meters)),
        ];
    }

    public IReadOnlyCollection<Meter> All { get; }

    /// <summary>A meter by id.</summary>
    public Meter Meter(MeterId id) => All.First(meter => meter.Id == id);

    /// <summary>Whether these are the very same meters; versions never change, so counting them is enough.</summary>
    public bool Says(IReadOnlyCollection<Meter> others) => All.Count == others.Count && All.Zip(others).All(pair =>
        pair.First.Id == pair.Second.Id && pair.First.Versions.Count == pair.Second.Versions.Count);

    /// <summary>The meters of an event type; null when none reads it.</summary>
    public TypeMeters? For(ReadOnlySpan<byte> type)
    {
        foreach (var candidate in types)
        {
            if (type.SequenceEqual(candidate.Type))
            {
                return candidate;
            }
        }

        return null;
    }
}

/// <summary>The meters that read one type of event, by the time it happened.</summary>
internal sealed class TypeMeters
{
    private readonly Span[] spans;

    public TypeMeters(string type, IReadOnlyCollection<Meter> meters)
    {
        Type = Encoding.UTF8.GetBytes(type);
        DateTimeOffset[] starts =
        [
            .. meters
                .Where(meter => meter.Versions.Any(version => version.Definition.EventType == type))
                .SelectMany(meter => meter.Versions.Select(version => version.EffectiveFrom))
                .Distinct()
                .OrderDescending(),
        ];
        spans = [.. starts.Select(start => new Span(start, ReadingsAt(type, meters, start)))];
    }

    public byte[] Type { get; }

    /// <summary>Whether the same meters read the type at any time: the usual case.</summary>
    public bool IsTimeless => spans is [{ From: var from }] && from <= Limits.OldestTime;

    /// <summary>Who reads an event that happened at an instant.</summary>
    public MeterReading[] At(DateTimeOffset occurredAt)
    {
        foreach (var span in spans)
        {
            if (occurredAt >= span.From)
            {
                return span.Readings;
            }
        }

        return [];
    }

    private static MeterReading[] ReadingsAt(string type, IReadOnlyCollection<Meter> meters, DateTimeOffset start)
    {
        var readings = new List<MeterReading>();
        foreach (var meter in meters)
        {
            if (meter.VersionAt(start) is { } version && version.Definition.EventType == type)
            {
                readings.Add(new MeterReading(meter, version.Definition));
            }
        }

        var groups = new List<MeterReading>();
        foreach (var reading in readings)
        {
            reading.Group = groups.FindIndex(first => first.TellsApartLike(reading));
            if (reading.Group < 0)
            {
                reading.Group = groups.Count;
                groups.Add(reading);
            }
        }

        return [.. readings.OrderBy(reading => reading.Group)];
    }

    private sealed record Span(DateTimeOffset From, MeterReading[] Readings);
}
