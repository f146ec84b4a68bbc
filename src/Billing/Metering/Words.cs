using System.Globalization;
using System.Text.Json;
using Quoin.Kernel;

namespace Quoin.Metering;

/// <summary>A meter: what is counted.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct MeterId(Guid Value) : IId<MeterId>
{
    /// <inheritdoc />
    public static string Prefix => "mtr";

    /// <inheritdoc />
    public static MeterId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>Where a stored event lies: the fold that counted it, and its place there. Shown as <c>evt_…_12</c>.</summary>
/// <param name="Fold">The fold.</param>
/// <param name="Ordinal">The place in the fold, from zero.</param>
public readonly record struct EventPosition(Guid Fold, int Ordinal)
{
    private const string Prefix = "evt";

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{IdText.Format(Prefix, Fold)}_{Ordinal}");

    /// <summary>Reads the shown form; false for anything else.</summary>
    public static bool TryParse(string? text, out EventPosition position)
    {
        position = default;
        var end = text?.LastIndexOf('_') ?? -1;
        if (end < 0 || !IdText.TryParse(Prefix, text.AsSpan(0, end), out var fold)
            || !int.TryParse(text.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal))
        {
            return false;
        }

        position = new EventPosition(fold, ordinal);
        return true;
    }
}

/// <summary>What to count, and how to read it from an event.</summary>
/// <param name="Id">The meter.</param>
/// <param name="Key">Its stable name: <c>llm.input_tokens</c>.</param>
/// <param name="EventType">The CloudEvents type of the events it reads.</param>
/// <param name="ValueProperty">The property of the event's data that holds the quantity.</param>
/// <param name="DimensionProperties">The properties of the event's data that tell usage apart, in ordinal order.</param>
/// <param name="Unit">What one of the quantity is.</param>
public sealed record Meter(
    MeterId Id,
    string Key,
    string EventType,
    string ValueProperty,
    IReadOnlyList<string> DimensionProperties,
    string Unit)
{
    /// <summary>What one stored event of this meter's type adds to it.</summary>
    public decimal QuantityOf(StoredEvent stored)
    {
        using var data = JsonDocument.Parse(stored.DataJson);
        return data.RootElement.GetProperty(ValueProperty).GetDecimal();
    }
}

/// <summary>What became of one event of a request.</summary>
public enum Verdict
{
    /// <summary>Stored and counted.</summary>
    Accepted,

    /// <summary>Stored and counted earlier, with the same content.</summary>
    Duplicate,

    /// <summary>Another event with the same source and id is stored; this one is not.</summary>
    Conflict,

    /// <summary>Not an event that can be counted; nothing of it is stored.</summary>
    Rejected,
}

/// <summary>Usage that one fold added to one bucket, waiting to be rated or being rated.</summary>
/// <param name="Org">Whose.</param>
/// <param name="BillingAccount">Billed to.</param>
/// <param name="Meter">What was counted.</param>
/// <param name="Dimensions">Of which kind.</param>
/// <param name="BucketStart">In which quarter hour it was used.</param>
/// <param name="Fold">The fold that added it; its events can be read again by it.</param>
/// <param name="Quantity">How much.</param>
/// <param name="EventCount">From how many events.</param>
/// <param name="RecordedAt">When the fold was recorded.</param>
public sealed record FoldedUsage(
    OrgId Org,
    BillingAccountId BillingAccount,
    MeterId Meter,
    Dimensions Dimensions,
    DateTimeOffset BucketStart,
    Guid Fold,
    decimal Quantity,
    long EventCount,
    DateTimeOffset RecordedAt);

/// <summary>A stored event.</summary>
/// <param name="Position">Where it lies.</param>
/// <param name="BillingAccount">Billed to.</param>
/// <param name="Source">CloudEvents source.</param>
/// <param name="EventId">CloudEvents id.</param>
/// <param name="Type">CloudEvents type.</param>
/// <param name="Subject">CloudEvents subject.</param>
/// <param name="OccurredAt">When it happened.</param>
/// <param name="RecordedAt">When it was stored.</param>
/// <param name="DataJson">Its data, as JSON text.</param>
public sealed record StoredEvent(
    EventPosition Position,
    BillingAccountId BillingAccount,
    string Source,
    string EventId,
    string Type,
    string? Subject,
    DateTimeOffset OccurredAt,
    DateTimeOffset RecordedAt,
    string DataJson);
