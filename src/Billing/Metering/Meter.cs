using Quoin.Kernel;
using Quoin.Metering.Internal;

namespace Quoin.Metering;

/// <summary>How the events of a meter become one quantity.</summary>
public enum Aggregation
{
    /// <summary>Their quantities, added up.</summary>
    Sum,

    /// <summary>How many there are.</summary>
    Count,

    /// <summary>The largest quantity.</summary>
    Max,

    /// <summary>The smallest quantity.</summary>
    Min,

    /// <summary>The quantity of the one that happened last; of two at one instant, always the same one.</summary>
    Last,

    /// <summary>How many different values there are.</summary>
    UniqueCount,

    /// <summary>
    /// The level of a resource times the seconds it lasted, to the next event of the same resource: unit-seconds.
    /// </summary>
    TimeWeighted,
}

/// <summary>What is counted. Its aggregation and unit never change; what it reads may, from version to version.</summary>
/// <param name="Id">The meter.</param>
/// <param name="Key">Its stable name: <c>llm.input_tokens</c>.</param>
/// <param name="Aggregation">How events become one quantity.</param>
/// <param name="Unit">What one of the quantity is.</param>
/// <param name="Versions">Its versions, the earliest first; at least one.</param>
public sealed record Meter(
    MeterId Id, string Key, Aggregation Aggregation, string Unit, IReadOnlyList<MeterVersion> Versions)
{
    /// <summary>
    /// Whether quantities of parts add up to the quantity of the whole, so that folded usage is a delta. Of the others a
    /// fold only says that something changed; <see cref="Metering.Totals"/> says how much it comes to.
    /// </summary>
    public bool IsAdditive => Aggregation is Aggregation.Sum or Aggregation.Count or Aggregation.TimeWeighted;

    /// <summary>The newest version, in force or to be.</summary>
    public MeterVersion Newest => Versions[^1];

    /// <summary>Whether a text is its key or its id.</summary>
    public bool IsNamed(string text) => text == Key || text == Id.ToString();

    /// <summary>The version that measures what happened at an instant; null before the first.</summary>
    public MeterVersion? VersionAt(DateTimeOffset occurredAt)
    {
        for (var index = Versions.Count - 1; index >= 0; index--)
        {
            if (Versions[index].EffectiveFrom <= occurredAt)
            {
                return Versions[index];
            }
        }

        return null;
    }

    /// <summary>
    /// What a stored event says to this meter: the quantity, or the level of a time-weighted one; null when it says
    /// nothing.
    /// </summary>
    public decimal? QuantityOf(StoredEvent stored) => MeasurementOf(stored)?.Quantity;

    /// <summary>Of which kind this meter takes a stored event to be; null when the event says nothing to it.</summary>
    public Dimensions? DimensionsOf(StoredEvent stored) => MeasurementOf(stored)?.Dimensions;

    internal Measurement? MeasurementOf(StoredEvent stored) =>
        VersionAt(stored.OccurredAt) is { } version && version.Definition.EventType == stored.Type
            ? new Measuring().Measure(new MeterReading(this, version.Definition), stored.DataJson)
            : null;
}

/// <summary>What a meter reads, from an instant on. Immutable.</summary>
/// <param name="Number">From one.</param>
/// <param name="EffectiveFrom">
/// The start of a quarter hour, UTC: events that happened from here on are measured by it, until the next version begins.
/// </param>
/// <param name="Definition">What it reads.</param>
public sealed record MeterVersion(int Number, DateTimeOffset EffectiveFrom, MeterDefinition Definition);

/// <summary>
/// What a meter reads from an event. Paths name members of the event's data, nested ones with dots:
/// <c>usage.input_tokens</c>.
/// </summary>
/// <param name="EventType">The CloudEvents type of the events it reads.</param>
/// <param name="Dimensions">What tells usage apart, by name.</param>
/// <param name="ValuePath">Where the quantity, level or value stands; null for a count.</param>
/// <param name="IsOptional">Whether an event may lack the value and then says nothing to this meter.</param>
/// <param name="ResourcePath">Where the resource's name stands whose level is reported; only time-weighted meters.</param>
/// <param name="Transforms">What becomes of one event's quantity before it is counted; null: nothing.</param>
/// <param name="Bands">Tells events apart by their own size; null: not at all.</param>
public sealed record MeterDefinition(
    string EventType,
    IReadOnlyList<MeterDimension> Dimensions,
    string? ValuePath = null,
    bool IsOptional = false,
    string? ResourcePath = null,
    MeterTransforms? Transforms = null,
    MeterBands? Bands = null);

/// <summary>A value that tells usage apart.</summary>
/// <param name="Name">Its name in usage and prices.</param>
/// <param name="Path">Where it stands in the event's data: a text of 1 to 200 bytes.</param>
/// <param name="Default">Its value where the event has none; null: such an event is rejected.</param>
public sealed record MeterDimension(string Name, string Path, string? Default = null);

/// <summary>
/// What becomes of one event's quantity, in this order; the result has at most six decimals, rounded half up.
/// </summary>
/// <param name="Multiply">By which it is multiplied; null: by one.</param>
/// <param name="Divide">By which it is then divided; null: by one.</param>
/// <param name="Increment">It is rounded up to a multiple of this; null: not.</param>
/// <param name="Minimum">It counts as at least this; null: as it is.</param>
public sealed record MeterTransforms(
    decimal? Multiply = null, decimal? Divide = null, decimal? Increment = null, decimal? Minimum = null);

/// <summary>Ranges of an event's own size, which become the dimension <c>band</c>.</summary>
/// <param name="Paths">The quantities whose sum is the size; those an event lacks are zero.</param>
/// <param name="Ranges">The ranges, rising; the last one has no end.</param>
public sealed record MeterBands(IReadOnlyList<string> Paths, IReadOnlyList<MeterBand> Ranges)
{
    /// <summary>The name of the dimension.</summary>
    public const string Dimension = "band";
}

/// <summary>One range of sizes.</summary>
/// <param name="UpTo">The largest size inside; null: no end.</param>
/// <param name="Name">The value of the dimension <c>band</c>; null: the dimension is left out.</param>
public sealed record MeterBand(decimal? UpTo = null, string? Name = null);
