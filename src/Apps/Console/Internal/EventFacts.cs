using Quoin.Metering;

namespace Quoin.ConsolePages;

/// <summary>What an event says, in short: of which kind it is and what its meters read from it.</summary>
/// <param name="Dimensions">The values that tell it apart: <c>gpt-4o</c>.</param>
/// <param name="Quantities">What each meter of its type counts.</param>
public sealed record EventFacts(
    IReadOnlyList<string> Dimensions, IReadOnlyList<(Meter Meter, decimal Quantity)> Quantities)
{
    /// <summary>Reads a stored event.</summary>
    public static EventFacts Of(StoredEvent stored, IEnumerable<Meter> meters)
    {
        var read = meters
            .Select(meter => (Meter: meter, Quantity: meter.QuantityOf(stored)))
            .Where(pair => pair.Quantity is not null)
            .ToList();
        return new EventFacts(
            [
                .. read
                    .SelectMany(pair => pair.Meter.DimensionsOf(stored)!.Value.ToDictionary())
                    .OrderBy(dimension => dimension.Key, StringComparer.Ordinal)
                    .Select(dimension => dimension.Value)
                    .Distinct(),
            ],
            [.. read.Select(pair => (pair.Meter, pair.Quantity!.Value))]);
    }

    /// <summary>What tells the event apart, or its type where nothing does.</summary>
    public string Name(StoredEvent stored) => Dimensions.Count > 0 ? string.Join(" · ", Dimensions) : stored.Type;

    /// <summary>What each meter counts, in one line: <c>1,204 + 350</c>.</summary>
    public string QuantitiesText => string.Join(" + ", Quantities.Select(pair => Format.Quantity(pair.Quantity)));

    /// <summary>What those numbers are: <c>input + output tokens</c>.</summary>
    public string NamesText
    {
        get
        {
            var names = Quantities.Select(pair => ShortName(pair.Meter)).ToList();
            var unit = names.Count > 0 ? $" {Quantities[0].Meter.Unit}s" : string.Empty;
            return unit.Length > 0 && names.TrueForAll(name => name.EndsWith(unit, StringComparison.Ordinal))
                ? string.Join(" + ", names.Select(name => name[..^unit.Length])) + unit
                : string.Join(" + ", names);
        }
    }

    /// <summary>A meter's name without its family: <c>input tokens</c>.</summary>
    public static string ShortName(Meter meter) =>
        meter.Key[(meter.Key.LastIndexOf('.') + 1)..].Replace('_', ' ');
}
