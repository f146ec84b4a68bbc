using System.Globalization;
using Quoin.Metering;

namespace Quoin.ConsolePages.BrowseMeters;

/// <summary>What meters do, in words.</summary>
public static class MeterText
{
    /// <summary>Aggregations, with their names in forms and for people, and what each is for.</summary>
    public static IReadOnlyList<(Aggregation Value, string Name, string Text, string For)> Aggregations { get; } =
    [
        (Aggregation.Sum, "sum", "Sum", "tokens, bytes, seconds of work"),
        (Aggregation.Count, "count", "Count", "requests, runs"),
        (Aggregation.Max, "max", "Largest", "seats"),
        (Aggregation.Min, "min", "Smallest", "the lowest level seen"),
        (Aggregation.Last, "last", "Last", "the newest level told"),
        (Aggregation.UniqueCount, "unique_count", "Different values", "active users"),
        (Aggregation.TimeWeighted, "time_weighted", "Level over time", "GPUs or bytes, times the seconds they are held"),
    ];

    /// <summary>An aggregation's name for people.</summary>
    public static string Of(Aggregation aggregation) => Aggregations.First(one => one.Value == aggregation).Text;

    /// <summary>What a version measures, in one sentence.</summary>
    public static string Sentence(Meter meter, MeterDefinition definition) => meter.Aggregation switch
    {
        Aggregation.Count => $"Counts events of type {definition.EventType}.",
        Aggregation.Sum => $"Adds up {definition.ValuePath} of events of type {definition.EventType}.",
        Aggregation.UniqueCount => $"Counts the different values of {definition.ValuePath} in events of type {definition.EventType}.",
        Aggregation.TimeWeighted =>
            $"Multiplies {definition.ValuePath} of each {definition.ResourcePath} by the seconds it lasts, "
            + $"from events of type {definition.EventType}.",
        _ => $"Takes the {Of(meter.Aggregation).ToLowerInvariant()} {definition.ValuePath} of events of type {definition.EventType}.",
    };

    /// <summary>What happens to one event's quantity, in one line; empty where nothing does.</summary>
    public static string Of(MeterTransforms? transforms) => transforms is null ? string.Empty : string.Join(
        ", then ",
        new[]
        {
            transforms.Multiply is { } factor ? $"times {Number(factor)}" : null,
            transforms.Divide is { } divisor ? $"divided by {Number(divisor)}" : null,
            transforms.Increment is { } increment ? $"rounded up to a multiple of {Number(increment)}" : null,
            transforms.Minimum is { } minimum ? $"at least {Number(minimum)}" : null,
        }.Where(part => part is not null));

    /// <summary>Bands in one line; empty where there are none.</summary>
    public static string Of(MeterBands? bands) => bands is null ? string.Empty : string.Join(
        ", ",
        bands.Ranges.Select(range => $"{(range.UpTo is { } end ? $"up to {Number(end)}" : "above")}: {range.Name ?? "no band"}"));

    private static string Number(decimal number) => number.ToString("#,##0.############", CultureInfo.InvariantCulture);
}
