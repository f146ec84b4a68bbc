using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Pricing;

namespace Quoin.Charging;

/// <summary>A rated line: one step of usage becoming money.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct RatedLineId(Guid Value) : IId<RatedLineId>
{
    /// <inheritdoc />
    public static string Prefix => "rl";

    /// <inheritdoc />
    public static RatedLineId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>
/// What is rated as one: the usage of one price component by one billing account in one period, apart for each of the
/// values the component groups by. A line's amount is the key's rounded total after it, less what was rated before it;
/// so lines sum to one rating of the whole.
/// </summary>
/// <param name="Org">The organisation.</param>
/// <param name="BillingAccount">Who is billed.</param>
/// <param name="Component">The price component.</param>
/// <param name="PeriodStart">The period's first instant: the calendar month, UTC, where no plan says otherwise.</param>
/// <param name="Group">The values of the dimensions the component groups by; none where it does not.</param>
public readonly record struct RatingKey(
    OrgId Org,
    BillingAccountId BillingAccount,
    PriceComponentId Component,
    DateTimeOffset PeriodStart,
    Dimensions Group)
{
    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(BillingAccount.Value, Component.Value, PeriodStart.UtcTicks, Group.Text);
}

/// <summary>Why a line was made.</summary>
public enum LineKind
{
    /// <summary>Usage came, or was taken back.</summary>
    Usage,

    /// <summary>The period was closed below its price's minimum.</summary>
    Minimum,
}

/// <summary>A rated line as it stands; it never changes.</summary>
/// <param name="Id">The line.</param>
/// <param name="Key">What it is a step of.</param>
/// <param name="Version">The price version that charged it.</param>
/// <param name="Meter">The meter that counted the usage.</param>
/// <param name="Dimensions">Of which kind the usage was.</param>
/// <param name="BucketStart">The quarter hour it was used in.</param>
/// <param name="Quantity">How much usage this line added; negative where it was taken back.</param>
/// <param name="EventCount">From how many more events.</param>
/// <param name="Amount">What it added to the bill.</param>
/// <param name="PositionQuantity">The key's quantity after it.</param>
/// <param name="PositionMicros">The key's rated micros after it.</param>
/// <param name="Folds">The folds it rated: its events are theirs.</param>
/// <param name="Transfer">The transfer that posted it; null where it came to nothing.</param>
/// <param name="RatedAt">When it was made.</param>
public sealed record RatedLine(
    RatedLineId Id,
    RatingKey Key,
    PriceVersionId Version,
    MeterId Meter,
    Dimensions Dimensions,
    DateTimeOffset BucketStart,
    decimal Quantity,
    long EventCount,
    Money Amount,
    decimal PositionQuantity,
    long PositionMicros,
    IReadOnlyList<Guid> Folds,
    TransferId? Transfer,
    DateTimeOffset RatedAt)
{
    /// <summary>Why it was made.</summary>
    public LineKind Kind { get; init; }

    /// <summary>The key of the price's cell that took the usage.</summary>
    public string Cell { get; init; } = PriceCell.Whole;

    /// <summary>Which agreement the price comes from.</summary>
    public PriceSource Source { get; init; } = PriceSource.Catalogue;

    /// <summary>The assignment behind the price or its discount; null for a plain catalogue price.</summary>
    public AssignmentId? Assignment { get; init; }

    /// <summary>What a contract takes off the price, in hundredths of a percent.</summary>
    public int DiscountBps { get; init; }

    /// <summary>The hash of all the price version says; null on lines of before hashes were kept.</summary>
    public string? PriceHash { get; init; }

    /// <summary>What the usage costs the operator, in the amount's currency.</summary>
    public Money Cost { get; init; } = Money.Zero(Amount.Currency);

    /// <summary>Whether its period was closed when it was made: it goes on the next invoice.</summary>
    public bool IsLate { get; init; }

    /// <summary>The name of the first request that led to its transfer; null where none has one.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Names the events behind this line.</summary>
    public FoldedEvents Events => new(Key.BillingAccount, Meter, Dimensions, BucketStart, Folds);
}

/// <summary>Which lines to read; what is null does not filter.</summary>
/// <param name="BillingAccount">Billed to.</param>
/// <param name="Transfer">Posted by.</param>
public sealed record LineFilter(BillingAccountId? BillingAccount, TransferId? Transfer)
{
    /// <summary>Of this meter's usage.</summary>
    public MeterId? Meter { get; init; }

    /// <summary>Of usage whose dimensions hold these.</summary>
    public Dimensions Match { get; init; }

    /// <summary>Of usage in this time.</summary>
    public Period? Used { get; init; }

    /// <summary>Of the billing period that begins then.</summary>
    public DateTimeOffset? PeriodStart { get; init; }

    /// <summary>Late ones only, or all but those.</summary>
    public bool? IsLate { get; init; }
}

/// <summary>Money spent in one step of time.</summary>
/// <param name="WindowStart">The step's start.</param>
/// <param name="Group">The dimension's value, or empty.</param>
/// <param name="Amount">How much.</param>
public sealed record SpendPoint(DateTimeOffset WindowStart, string Group, Money Amount);

/// <summary>Usage that could not be rated and is set aside.</summary>
/// <param name="Org">Whose.</param>
/// <param name="BillingAccount">Billed to.</param>
/// <param name="Reason"><c>no_price</c>, <c>overflow</c>, <c>unsupported</c> or <c>failed</c>.</param>
/// <param name="Failure">The type of what rating it threw, where it failed.</param>
/// <param name="Meter">The meter.</param>
/// <param name="Dimensions">Of which kind.</param>
/// <param name="Quantity">How much.</param>
/// <param name="EventCount">From how many events.</param>
/// <param name="OldestRecordedAt">Since when the oldest of it waits.</param>
public sealed record UnpricedUsage(
    OrgId Org,
    BillingAccountId BillingAccount,
    string Reason,
    string? Failure,
    MeterId Meter,
    Dimensions Dimensions,
    decimal Quantity,
    long EventCount,
    DateTimeOffset OldestRecordedAt);
