using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Usage that is stored and not yet rated.</summary>
/// <param name="FoldCount">How many pieces of it; zero when all that was answered is rated or set aside.</param>
/// <param name="OldestRecordedAt">Since when the oldest of it waits.</param>
internal sealed record UnratedAnswer(long FoldCount, DateTimeOffset? OldestRecordedAt);

/// <summary>Reads rated lines and what lies behind them.</summary>
internal static class ReadLines
{
    private const string CsvType = "text/csv";

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
        var caller = context.Caller();
        var (filter, wrong) = await FilterOf(request, metering, cancellationToken);
        if (wrong is not null)
        {
            return wrong;
        }

        var show = await Shower(caller, metering, prices, cancellationToken);
        if (IsCsv(request.Format, context.Request))
        {
            return TypedResults.Stream(
                to => LineCsv.Write(to, charging, caller.RequiredOrg, filter, show, cancellationToken),
                $"{CsvType}; charset=utf-8; header=present",
                "rated-lines.csv");
        }

        var rows = await charging.Lines(
            caller.RequiredOrg, filter, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
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
        return line is null ? NoSuchLine() : TypedResults.Ok((await Shower(context.Caller(), metering, prices, cancellationToken))(line));
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

    private static Problem NoSuchLine() => new(PlatformProblems.NotFound, "There is no such rated line.");

    private static async Task<(LineFilter Filter, Problem? Wrong)> FilterOf(
        LinePageRequest request, Metering.Metering metering, CancellationToken cancellationToken)
    {
        var filter = new LineFilter(request.BillingAccount, request.Transfer)
        {
            PeriodStart = request.PeriodStart?.ToUniversalTime(),
            IsLate = request.Late,
        };
        if (request.Meter is { } named)
        {
            var meters = await metering.Meters(cancellationToken);
            if (meters.FirstOrDefault(one => one.Key == named || one.Id.ToString() == named) is not { } meter)
            {
                return (filter, new Problem(PlatformProblems.InvalidParameter, "'meter' is not the key or id of a meter."));
            }

            filter = filter with { Meter = meter.Id };
        }

        var pairs = (request.Dimension ?? []).Select(text => text.Split(':', 2)).ToArray();
        if (pairs.Any(pair => pair.Length < 2) || pairs.DistinctBy(pair => pair[0]).Count() < pairs.Length)
        {
            return (filter, new Problem(PlatformProblems.InvalidParameter, "'dimension' must be name:value, each name once."));
        }

        return pairs.Length == 0
            ? (filter, null)
            : (filter with { Match = Dimensions.Of(pairs.Select(pair => KeyValuePair.Create(pair[0], pair[1]))) }, null);
    }

    private static bool IsCsv(LineFormat? format, HttpRequest request) => format is null
        ? request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals(CsvType, StringComparison.OrdinalIgnoreCase))
        : format == LineFormat.Csv;

    // What usage costs the operator is not the customer's to see.
    private static async Task<Func<RatedLine, LineRow>> Shower(
        Caller caller, Metering.Metering metering, PriceBooks prices, CancellationToken cancellationToken)
    {
        var meters = (await metering.Meters(cancellationToken)).ToDictionary(meter => meter.Id);
        var snapshot = await prices.Current(cancellationToken);
        return line =>
        {
            var price = snapshot.Version(line.Version);
            return new LineRow(
                line.Id,
                LineRows.Name(line.Kind),
                line.Key.BillingAccount,
                meters[line.Meter].Key,
                line.Dimensions.ToDictionary(),
                line.Key.Group.ToDictionary(),
                line.Key.PeriodStart,
                line.BucketStart,
                line.BucketStart.AddTicks(QuarterHour.Ticks),
                line.Quantity,
                line.EventCount,
                price.UnitPrice,
                price.PerQuantity,
                line.Version,
                line.PriceHash,
                line.Cell,
                LineRows.Name(line.Source),
                line.Assignment,
                line.DiscountBps,
                line.Amount,
                caller.Realm == Realm.Operator ? line.Cost : null,
                line.PositionQuantity,
                line.Amount with { Micros = line.PositionMicros },
                line.IsLate,
                line.Transfer,
                line.CorrelationId,
                line.RatedAt);
        };
    }
}
