using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Metering;

namespace Quoin.Inference.Internal;

/// <summary>
/// What the meters will say to a call's usage, before it is told to them: by the definitions in force, so that a quote is of
/// the same meters, dimensions and bands that rating will see.
/// </summary>
internal sealed class CompletionMeters(Metering.Metering metering)
{
    /// <summary>The quantities that meters will read from some data; those that are zero left out.</summary>
    /// <param name="data">The data.</param>
    /// <param name="at">When it is used, by the organisation's clock.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<IReadOnlyList<UsagePart>> Measure(
        CompletionData data, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var parts = new List<UsagePart>(4);
        foreach (var meter in await metering.Meters(cancellationToken))
        {
            if (meter.IsAdditive
                && meter.Aggregation != Aggregation.TimeWeighted
                && meter.VersionAt(at)?.Definition is { EventType: CompletionData.EventType } definition
                && Measure(meter, definition, data, at) is { Quantity: > 0 } part)
            {
                parts.Add(part);
            }
        }

        return parts;
    }

    /// <summary>The meters in force; the same object as long as they are the same.</summary>
    public ValueTask<IReadOnlyCollection<Meter>> All(CancellationToken cancellationToken) => metering.Meters(cancellationToken);

    /// <summary>
    /// Where the band begins in which so much input is, so that of all calls of that band twice the usage is twice the
    /// quantity, on the same dimensions; null where a meter reckons otherwise.
    /// </summary>
    /// <param name="all">The meters.</param>
    /// <param name="inputSorts">The sorts of input; bands by anything else are not followed.</param>
    /// <param name="input">How much input there is, of one sort.</param>
    /// <param name="at">When it is used, by the organisation's clock.</param>
    public static decimal? BandOf(
        IReadOnlyCollection<Meter> all, IReadOnlyCollection<string> inputSorts, decimal input, DateTimeOffset at)
    {
        var begin = 0m;
        foreach (var meter in all)
        {
            if (meter.VersionAt(at)?.Definition is not { EventType: CompletionData.EventType } definition)
            {
                continue;
            }

            if (meter.Aggregation != Aggregation.Sum || definition.Transforms is not null)
            {
                return null;
            }

            if (definition.Bands is { } bands)
            {
                if (!bands.Paths.All(inputSorts.Contains))
                {
                    return null;
                }

                begin = Math.Max(begin, bands.Ranges.Max(range => range.UpTo < input ? range.UpTo.Value : 0));
            }
        }

        return begin;
    }

    private static UsagePart? Measure(Meter meter, MeterDefinition definition, CompletionData data, DateTimeOffset at)
    {
        if (definition.Transforms is not null)
        {
            return Transformed(meter, data, at);
        }

        var quantity = meter.Aggregation == Aggregation.Count ? 1 : data.Number(definition.ValuePath!);
        return quantity is > 0 && DimensionsOf(definition, data) is { } dimensions
            ? new UsagePart(meter.Key, dimensions, quantity.Value)
            : null;
    }

    // A meter that reckons is rare: Metering itself says what it comes to.
    private static UsagePart? Transformed(Meter meter, CompletionData data, DateTimeOffset at)
    {
        var stored = new StoredEvent(default, default, "quote", "quote", CompletionData.EventType, null, at, at, data.ToJson());
        return meter.QuantityOf(stored) is { } quantity && meter.DimensionsOf(stored) is { } dimensions
            ? new UsagePart(meter.Key, dimensions.ToDictionary(), quantity)
            : null;
    }

    private static Dictionary<string, string>? DimensionsOf(MeterDefinition definition, CompletionData data)
    {
        var dimensions = new Dictionary<string, string>(definition.Dimensions.Count + 1, StringComparer.Ordinal);
        foreach (var dimension in definition.Dimensions)
        {
            if ((data.Text(dimension.Path) ?? dimension.Default) is not { } value)
            {
                return null;
            }

            dimensions[dimension.Name] = value;
        }

        if (definition.Bands is { } bands && BandOf(bands, data) is { } band)
        {
            dimensions[MeterBands.Dimension] = band;
        }

        return dimensions;
    }

    private static string? BandOf(MeterBands bands, CompletionData data)
    {
        var size = bands.Paths.Sum(path => data.Number(path) ?? 0);
        return bands.Ranges.First(range => range.UpTo is null || size <= range.UpTo).Name;
    }
}
