using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>The forms a list of lines comes in.</summary>
internal enum LineFormat
{
    /// <summary>A page at a time.</summary>
    Json,

    /// <summary>All lines, one a row.</summary>
    Csv,
}

/// <summary>Which rated lines, newest first.</summary>
/// <param name="Limit">How many; the CSV form has all of them.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="BillingAccount">Only lines billed to this account.</param>
/// <param name="Transfer">Only lines posted by this transfer.</param>
/// <param name="PeriodStart">Only lines of the billing period that begins then.</param>
/// <param name="Meter">Only lines of the meter with this key or id.</param>
/// <param name="Dimension">Only lines whose usage has this dimension, as <c>name:value</c>; repeated, all of them.</param>
/// <param name="Late">Only lines made after their period was closed, or only the others.</param>
/// <param name="Format">The form; left out, as the <c>Accept</c> header asks.</param>
internal sealed record LinePageRequest(
    PageLimit Limit,
    Cursor<RatedLineId>? Cursor = null,
    BillingAccountId? BillingAccount = null,
    TransferId? Transfer = null,
    DateTimeOffset? PeriodStart = null,
    string? Meter = null,
    string[]? Dimension = null,
    bool? Late = null,
    LineFormat? Format = null);

/// <summary>Which line.</summary>
/// <param name="Line">Its id.</param>
internal sealed record LineRequest(RatedLineId Line);

/// <summary>A page of the events behind a line, oldest first.</summary>
/// <param name="Line">The line's id.</param>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record LineEventsRequest(RatedLineId Line, PageLimit Limit, Cursor<(Guid Fold, int Ordinal)>? Cursor = null);

/// <summary>A rated line as the API shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind"><c>usage</c>, or <c>minimum</c> for what was missing to a price's minimum when its period closed.</param>
/// <param name="BillingAccount">Who is billed.</param>
/// <param name="Meter">The meter that measured the usage.</param>
/// <param name="Dimensions">What the usage is told apart by.</param>
/// <param name="Group">The values the price is rated apart for.</param>
/// <param name="PeriodStart">The first instant of the billing period it belongs to.</param>
/// <param name="UsageStart">The start of the earliest quarter hour in it.</param>
/// <param name="UsageEnd">The end of the latest quarter hour in it.</param>
/// <param name="Quantity">The usage this line rated; negative where usage was taken back.</param>
/// <param name="EventCount">How many more events that usage sums up.</param>
/// <param name="UnitPrice">Units of currency for <c>per_quantity</c>, at this line; null where the price says more.</param>
/// <param name="PerQuantity">The quantity the price is for.</param>
/// <param name="PriceVersion">The published price.</param>
/// <param name="PriceHash">The hash of all it says.</param>
/// <param name="PriceCell">The cell of it that took the usage.</param>
/// <param name="PriceSource"><c>contract</c>, <c>reseller_plan</c>, <c>plan</c> or <c>catalogue</c>.</param>
/// <param name="Assignment">The assignment behind the price or its discount.</param>
/// <param name="DiscountBps">What a contract takes off, in hundredths of a percent.</param>
/// <param name="Amount">What this line adds: the rounded total so far, less what earlier lines hold.</param>
/// <param name="Cost">What its usage costs the operator; shown to operators only.</param>
/// <param name="QuantityInPeriod">All usage of the period so far, with this line.</param>
/// <param name="AmountInPeriod">What all lines of the period so far sum up to.</param>
/// <param name="IsLate">Whether its period was closed when it was made: it goes on the next invoice.</param>
/// <param name="Transfer">The transfer that posted it; null where it came to nothing.</param>
/// <param name="CorrelationId">The request that led to it, or the first of them.</param>
/// <param name="RatedAt">When it was rated.</param>
internal sealed record LineRow(
    RatedLineId Id,
    string Kind,
    BillingAccountId BillingAccount,
    string Meter,
    IReadOnlyDictionary<string, string> Dimensions,
    IReadOnlyDictionary<string, string> Group,
    DateTimeOffset PeriodStart,
    DateTimeOffset UsageStart,
    DateTimeOffset UsageEnd,
    decimal Quantity,
    long EventCount,
    decimal? UnitPrice,
    long? PerQuantity,
    Pricing.PriceVersionId PriceVersion,
    string? PriceHash,
    string PriceCell,
    string PriceSource,
    Pricing.AssignmentId? Assignment,
    int DiscountBps,
    Money Amount,
    Money? Cost,
    decimal QuantityInPeriod,
    Money AmountInPeriod,
    bool IsLate,
    TransferId? Transfer,
    string? CorrelationId,
    DateTimeOffset RatedAt);

/// <summary>An event behind a line, and what it added to it.</summary>
/// <param name="Event">The event's id here.</param>
/// <param name="Source">Its sender.</param>
/// <param name="Id">The sender's id.</param>
/// <param name="Time">When the usage happened.</param>
/// <param name="Quantity">What it added to the line.</param>
internal sealed record LineEventRow(string Event, string Source, string Id, DateTimeOffset Time, decimal Quantity);
