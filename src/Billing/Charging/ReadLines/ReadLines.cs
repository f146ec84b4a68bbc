using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>A page of rated lines, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="BillingAccount">Only lines billed to this account.</param>
/// <param name="Transfer">Only lines posted by this transfer.</param>
internal sealed record LinePageRequest(
    PageLimit Limit,
    Cursor<RatedLineId>? Cursor = null,
    BillingAccountId? BillingAccount = null,
    TransferId? Transfer = null);

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
/// <param name="BillingAccount">Who is billed.</param>
/// <param name="Meter">The meter that measured the usage.</param>
/// <param name="Dimensions">What the price told apart.</param>
/// <param name="PeriodStart">The first instant of the billing period it belongs to.</param>
/// <param name="UsageStart">The start of the earliest quarter hour in it.</param>
/// <param name="UsageEnd">The end of the latest quarter hour in it.</param>
/// <param name="Quantity">The usage this line rated.</param>
/// <param name="EventCount">How many events that usage sums up.</param>
/// <param name="UnitPrice">Units of currency for <c>per_quantity</c>, at this line; null where the price says more.</param>
/// <param name="PerQuantity">The quantity the price is for.</param>
/// <param name="PriceVersion">The published price.</param>
/// <param name="Amount">What this line adds: the rounded total so far, less what earlier lines hold.</param>
/// <param name="QuantityInPeriod">All usage of the period so far, with this line.</param>
/// <param name="AmountInPeriod">What all lines of the period so far sum up to.</param>
/// <param name="Transfer">The transfer that posted it; null where it came to nothing.</param>
/// <param name="RatedAt">When it was rated.</param>
internal sealed record LineRow(
    RatedLineId Id,
    BillingAccountId BillingAccount,
    string Meter,
    IReadOnlyDictionary<string, string> Dimensions,
    DateTimeOffset PeriodStart,
    DateTimeOffset UsageStart,
    DateTimeOffset UsageEnd,
    decimal Quantity,
    long EventCount,
    decimal? UnitPrice,
    long? PerQuantity,
    PriceVersionId PriceVersion,
    Money Amount,
    decimal QuantityInPeriod,
    Money AmountInPeriod,
    TransferId? Transfer,
    DateTimeOffset RatedAt);

/// <summary>An event behind a line, and what it added to it.</summary>
/// <param name="Event">The event's id here.</param>
/// <param name="Source">Its sender.</param>
/// <param name="Id">The sender's id.</param>
/// <param name="Time">When the usage happened.</param>
/// <param name="Quantity">What it added to the line.</param>
internal sealed record LineEventRow(string Event, string Source, string Id, DateTimeOffset Time, decimal Quantity);

/// <summary>Usage that is stored and not yet rated.</summary>
/// <param name="FoldCount">How many pieces of it; zero when all that was answered is rated or set aside.</param>
/// <param name="OldestRecordedAt">Since when the oldest of it waits.</param>
internal sealed record UnratedAnswer(long FoldCount, DateTimeOffset? OldestRecordedAt);

/// <summary>Usage waiting for a price, as the API shows it.</summary>
/// <param name="Reason">
/// Why it cannot be rated: <c>no_price</c>; <c>overflow</c>, it comes to more than can be; <c>failed</c>, rating it broke.
/// </param>
/// <param name="Failure">What broke, where it failed: the type of what was thrown.</param>
/// <param name="Meter">The key of the meter that measured it, or the id of one that is not known.</param>
/// <param name="Dimensions">Its dimensions, which no price matches.</param>
/// <param name="Quantity">How much waits.</param>
/// <param name="EventCount">How many events wait.</param>
/// <param name="OldestRecordedAt">When the oldest of them was stored.</param>
internal sealed record UnpricedRow(
    string Reason,
    string? Failure,
    string Meter,
    IReadOnlyDictionary<string, string> Dimensions,
    decimal Quantity,
    long EventCount,
    DateTimeOffset OldestRecordedAt);

/// <summary>Reads rated lines and what lies behind them.</summary>
internal static class ReadLines
{
    /// <summary><c>GET /v1/rated-lines</c>.</summary>
    public static async Task<IResult> List(
        Parameters<LinePageRequest> parameters,
        Charging charging,
        Metering.Metering metering,
        PriceBooks prices,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await charging.Lines(
            context.Caller().RequiredOrg,
            new LineFilter(request.BillingAccount, request.Transfer),
            request.Cursor?.Keys,
            request.Limit.RowsToFetch,
            cancellationToken);
        var show = await Shower(metering, prices, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, line => line.Id, show));
    }

    /// <summary><c>GET /v1/rated-lines/{line}</c>.</summary>
    public static async Task<IResult> One(
        Parameters<LineRequest> parameters,
        Charging charging,
        Metering.Metering metering,
        PriceBooks prices,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var line = await charging.Line(context.Caller().RequiredOrg, parameters.Value.Line, cancellationToken);
        return line is null ? NoSuchLine() : TypedResults.Ok((await Shower(metering, prices, cancellationToken))(line));
    }

    /// <summary><c>GET /v1/rated-lines/{line}/events</c>.</summary>
    public static async Task<IResult> Events(
        Parameters<LineEventsRequest> parameters,
        Charging charging,
        Metering.Metering metering,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var org = context.Caller().RequiredOrg;
        if (await charging.Line(org, request.Line, cancellationToken) is not { } line)
        {
            return NoSuchLine();
        }

        EventPosition? after = request.Cursor is { } cursor ? new EventPosition(cursor.Keys.Fold, cursor.Keys.Ordinal) : null;
        var rows = await metering.EventsOf(org, line.Events, after, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(
            rows,
            request.Limit,
            row => (row.Place.Fold, row.Place.Ordinal),
            row => new LineEventRow(
                row.Stored.Position.ToString(), row.Stored.Source, row.Stored.EventId, row.Stored.OccurredAt, row.Quantity)));
    }

    /// <summary><c>GET /v1/unrated-usage</c>.</summary>
    public static async Task<IResult> Unrated(
        Metering.Metering metering,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (count, oldest) = await metering.UnratedDepth(context.Caller().RequiredOrg, cancellationToken);
        return TypedResults.Ok(new UnratedAnswer(count, oldest));
    }

    /// <summary><c>GET /v1/unpriced-usage</c>.</summary>
    public static async Task<IResult> Unpriced(
        Charging charging,
        Metering.Metering metering,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var meters = (await metering.Meters(cancellationToken)).ToDictionary(meter => meter.Id);
        var rows = await charging.Unpriced(context.Caller().RequiredOrg, cancellationToken);
        return TypedResults.Ok(new Page<UnpricedRow>(
            [
                .. rows.Select(row => new UnpricedRow(
                    row.Reason,
                    row.Failure,
                    meters.TryGetValue(row.Meter, out var meter) ? meter.Key : row.Meter.ToString(),
                    row.Dimensions.ToDictionary(),
                    row.Quantity,
                    row.EventCount,
                    row.OldestRecordedAt)),
            ],
            null));
    }

    private static Problem NoSuchLine() => new(PlatformProblems.NotFound, "There is no such rated line.");

    private static async Task<Func<RatedLine, LineRow>> Shower(
        Metering.Metering metering,
        PriceBooks prices,
        CancellationToken cancellationToken)
    {
        var meters = (await metering.Meters(cancellationToken)).ToDictionary(meter => meter.Id);
        var snapshot = await prices.Current(cancellationToken);
        return line =>
        {
            var price = snapshot.Version(line.Version);
            return new LineRow(
                line.Id,
                line.Key.BillingAccount,
                meters[line.Meter].Key,
                line.Dimensions.ToDictionary(),
                line.Key.PeriodStart,
                line.BucketStart,
                line.BucketStart.AddTicks(QuarterHour.Ticks),
                line.Quantity,
                line.EventCount,
                price.UnitPrice,
                price.PerQuantity,
                line.Version,
                line.Amount,
                line.PositionQuantity,
                line.Amount with { Micros = line.PositionMicros },
                line.Transfer,
                line.RatedAt);
        };
    }
}
