using System.Globalization;
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

/// <summary>
/// Usage that one fold added to one bucket, waiting to be rated or being rated. Of an additive meter it is a delta, negative
/// where events were voided or a level ended earlier than was thought. Of any other meter the quantity is zero and says only
/// that the bucket changed: <see cref="Metering.Totals"/> says to what.
/// </summary>
/// <param name="Org">Whose.</param>
/// <param name="BillingAccount">Billed to.</param>
/// <param name="Meter">What was counted.</param>
/// <param name="Dimensions">Of which kind.</param>
/// <param name="BucketStart">In which quarter hour it was used.</param>
/// <param name="Fold">The fold that added it; its events can be read again by it.</param>
/// <param name="Quantity">How much more; zero of a meter that is not additive.</param>
/// <param name="EventCount">From how many more events; negative where some were voided.</param>
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
    DateTimeOffset RecordedAt)
{
    /// <summary>Whether each of its events names a hold that was made for it; else none does.</summary>
    public bool NamesHolds { get; init; }
}

/// <summary>A hold that events name which are wholly taken for rating: the posting of their usage releases it.</summary>
/// <param name="Org">Whose.</param>
/// <param name="BillingAccount">Who the events were billed to.</param>
/// <param name="Hold">The ledger's hold, as text.</param>
public sealed record NamedHold(OrgId Org, BillingAccountId BillingAccount, string Hold);

/// <summary>Folded usage that was taken for rating.</summary>
/// <param name="Folds">The usage.</param>
/// <param name="Holds">The holds of which the last usage is among it.</param>
public sealed record TakenUsage(IReadOnlyList<FoldedUsage> Folds, IReadOnlyList<NamedHold> Holds);

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
/// <param name="Amendment">What became of it since; null while it stands as it was sent.</param>
public sealed record StoredEvent(
    EventPosition Position,
    BillingAccountId BillingAccount,
    string Source,
    string EventId,
    string Type,
    string? Subject,
    DateTimeOffset OccurredAt,
    DateTimeOffset RecordedAt,
    string DataJson,
    EventAmendment? Amendment = null)
{
    /// <summary>The hold it names, as text; null where it names none.</summary>
    public string? Hold { get; init; }
}

/// <summary>What becomes of an event that was wrong.</summary>
public enum AmendmentKind
{
    /// <summary>It is taken back.</summary>
    Void,

    /// <summary>It is taken back and replaced.</summary>
    Correct,
}

/// <summary>Says that an event was wrong. Never changed; an event has at most one.</summary>
/// <param name="Kind">What becomes of the event.</param>
/// <param name="Reason">Why.</param>
/// <param name="Actor">Who says so.</param>
/// <param name="Fold">The fold that takes its usage back.</param>
/// <param name="Replacement">The event that stands for it now; null when it was only taken back.</param>
/// <param name="RecordedAt">When.</param>
public sealed record EventAmendment(
    AmendmentKind Kind,
    string Reason,
    string Actor,
    Guid Fold,
    EventPosition? Replacement,
    DateTimeOffset RecordedAt);

/// <summary>How an event came to be counted.</summary>
public enum CountedAs
{
    /// <summary>By being sent.</summary>
    Sent,

    /// <summary>By being taken back: its quantity is negative.</summary>
    Voided,

    /// <summary>As the level of a resource, for a part of the time it lasted; negative where that became shorter.</summary>
    Accrued,
}

/// <summary>An event behind a piece of usage, and what it adds to it.</summary>
/// <param name="Place">Its place among the counted: the fold that counted it, and the place there.</param>
/// <param name="Stored">The event.</param>
/// <param name="Quantity">What it adds: its own quantity, or level times seconds; of a gauged meter what it says.</param>
/// <param name="As">How it came to be counted.</param>
public sealed record CountedEvent(EventPosition Place, StoredEvent Stored, decimal Quantity, CountedAs As);

/// <summary>Asks what a meter comes to.</summary>
/// <param name="Org">Whose.</param>
/// <param name="BillingAccount">Billed to.</param>
/// <param name="Meter">Of which meter.</param>
/// <param name="Match">Only usage whose dimensions contain these.</param>
/// <param name="Range">From which quarter hour to before which, by when it was used: both are starts of quarter hours.</param>
public sealed record TotalQuery(
    OrgId Org, BillingAccountId BillingAccount, MeterId Meter, Dimensions Match, Period Range);
