using System.Text;
using Quoin.Kernel;

namespace Quoin.Metering.Internal;

/// <summary>The meters as the parser uses them: by event type, property names as UTF-8. Immutable.</summary>
internal sealed class MeterSet
{
    private readonly TypeMeters[] types;

    public MeterSet(IReadOnlyCollection<Meter> meters)
    {
        All = meters;
        types = [.. meters.GroupBy(meter => meter.EventType).Select(group => new TypeMeters([.. group]))];
    }

    public IReadOnlyCollection<Meter> All { get; }

    /// <summary>A meter by id.</summary>
    public Meter Meter(MeterId id) => All.First(meter => meter.Id == id);

    /// <summary>Whether these are the very same meters.</summary>
    public bool Says(IReadOnlyCollection<Meter> others) => All.Count == others.Count && All.Zip(others).All(pair =>
        pair.First == pair.Second with { DimensionProperties = pair.First.DimensionProperties }
        && pair.First.DimensionProperties.SequenceEqual(pair.Second.DimensionProperties));

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

    internal sealed class TypeMeters(Meter[] meters)
    {
        public Meter[] Meters => meters;

        public byte[] Type { get; } = Encoding.UTF8.GetBytes(meters[0].EventType);

        public byte[][] ValueProperties { get; } = [.. meters.Select(meter => Encoding.UTF8.GetBytes(meter.ValueProperty))];

        public byte[][][] DimensionProperties { get; } =
            [.. meters.Select(meter => meter.DimensionProperties.Select(Encoding.UTF8.GetBytes).ToArray())];

        /// <summary>Whether all meters tell usage apart by the same properties: the usual case, read once.</summary>
        public bool DimensionsAreShared { get; } =
            meters.All(meter => meter.DimensionProperties.SequenceEqual(meters[0].DimensionProperties));
    }
}
