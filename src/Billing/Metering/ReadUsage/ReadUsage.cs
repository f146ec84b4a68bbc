using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>The form of an answer.</summary>
internal enum UsageFormat
{
    /// <summary>JSON.</summary>
    Json,

    /// <summary>Comma-separated values, one line a row.</summary>
    Csv,
}

/// <summary>Usage over a range of time.</summary>
/// <param name="From">The first instant; thirty days before <c>to</c> where it is left out.</param>
/// <param name="To">The first instant after; now where it is left out.</param>
/// <param name="Window">How long each window is. Days and months begin at midnight of <c>timezone</c>.</param>
/// <param name="Timezone">An IANA time zone such as <c>Europe/Berlin</c>; UTC where it is left out.</param>
/// <param name="GroupBy">Dimensions to tell apart, such as <c>model</c>.</param>
/// <param name="Meter">Only these meters, by key or id.</param>
/// <param name="Dimension">
/// Only usage with these values, each as <c>model:gpt-4o</c>; several of one name are alternatives.
/// </param>
/// <param name="BillingAccount">Only this billing account's usage.</param>
/// <param name="CompareFrom">Also shows the range of the same length that begins here.</param>
/// <param name="Format">The form; left out, as the <c>Accept</c> header asks.</param>
internal sealed record UsageRequest(
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    UsageWindow Window = UsageWindow.Hour,
    string? Timezone = null,
    string[]? GroupBy = null,
    string[]? Meter = null,
    string[]? Dimension = null,
    BillingAccountId? BillingAccount = null,
    DateTimeOffset? CompareFrom = null,
    UsageFormat? Format = null);

/// <summary>One row of usage.</summary>
/// <param name="WindowStart">The first instant of its window, which may lie before the range.</param>
/// <param name="Meter">The meter that measured it.</param>
/// <param name="Dimensions">The values it was grouped by.</param>
/// <param name="Quantity">How much, in the meter's unit.</param>
/// <param name="EventCount">How many events it sums up.</param>
internal sealed record UsageRow(
    DateTimeOffset WindowStart,
    string Meter,
    IReadOnlyDictionary<string, string> Dimensions,
    decimal Quantity,
    long EventCount)
{
    public static UsageRow Of(UsagePoint point) =>
        new(point.WindowStart, point.Meter, point.Group.ToDictionary(), point.Quantity, point.EventCount);
}

/// <summary>The same for another range.</summary>
/// <param name="From">The first instant counted.</param>
/// <param name="To">The first instant not counted any more.</param>
/// <param name="Data">The rows, by window, meter and dimensions.</param>
internal sealed record UsageComparison(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<UsageRow> Data);

/// <summary>All rows of a usage answer.</summary>
/// <param name="From">The first instant counted: whole quarter hours are, or whole minutes.</param>
/// <param name="To">The first instant not counted any more.</param>
/// <param name="Window">How long each window is.</param>
/// <param name="Data">The rows, by window, meter and dimensions.</param>
/// <param name="Comparison">The range it is compared with; null where none was asked for.</param>
internal sealed record UsageAnswer(
    DateTimeOffset From,
    DateTimeOffset To,
    UsageWindow Window,
    IReadOnlyList<UsageRow> Data,
    UsageComparison? Comparison);

/// <summary>Reads usage.</summary>
internal static class ReadUsage
{
    private const string CsvType = "text/csv";

    /// <summary><c>GET /v1/usage</c>.</summary>
    public static async Task<IResult> Usage(
        Parameters<UsageRequest> parameters,
        Metering metering,
        OrganisationClock clock,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var org = context.Caller().RequiredOrg;
        var now = await clock.Now(org, cancellationToken);
        var question = UsageQuestion.Of(request, now, await metering.Meters(cancellationToken));
        if (question.Problem is { } problem)
        {
            return problem;
        }

        var query = question.Query!;
        foreach (var range in new[] { query.Range, question.Comparison }.OfType<Period>())
        {
            if (await metering.Bounded(org, query with { Range = range }, cancellationToken) is var bounded
                && bounded.Meters != query.Meters)
            {
                return TooMuch(
                    $"More than {Limits.DistinctValuesPerAnswerMax} values would be told apart, each counted once a quarter hour; "
                    + "ask for a shorter range, or for meters that do not count different values.");
            }
        }

        if (IsCsv(request.Format, context.Request))
        {
            return TypedResults.Stream(
                to => UsageCsv.Write(to, query.GroupBy, metering.UsageAsRead(org, query, cancellationToken), cancellationToken),
                $"{CsvType}; charset=utf-8; header=present",
                "usage.csv");
        }

        try
        {
            var rows = await Rows(metering, org, query, cancellationToken);
            var others = question.Comparison is { } comparison
                ? await Rows(metering, org, query with { Range = comparison }, cancellationToken)
                : [];
            return rows is null || others is null
                ? TooMuch($"This comes to more than {Limits.UsagePointsMax} rows; ask for a shorter range, a wider window, "
                    + "fewer meters or less detail, or for CSV.")
                : TypedResults.Ok(new UsageAnswer(
                    query.Range.Start,
                    query.Range.End,
                    request.Window,
                    rows,
                    question.Comparison is { } range ? new UsageComparison(range.Start, range.End, others) : null));
        }
        catch (TooManyEventsException)
        {
            return TooMuch($"More than {Limits.EventsPerMinuteAnswerMax} events were recorded since; ask for quarter hours.");
        }
    }

    // One point too many tells that the answer would lack some.
    private static async Task<IReadOnlyList<UsageRow>?> Rows(
        Metering metering, OrgId org, UsageQuery query, CancellationToken cancellationToken)
    {
        var points = await metering.Usage(org, query, Limits.UsagePointsMax + 1, cancellationToken);
        return points.Count > Limits.UsagePointsMax ? null : [.. points.Select(UsageRow.Of)];
    }

    private static Problem TooMuch(string detail) => new(MeteringProblems.InvalidRange, detail);

    private static bool IsCsv(UsageFormat? format, HttpRequest request) => format is null
        ? request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals(CsvType, StringComparison.OrdinalIgnoreCase))
        : format == UsageFormat.Csv;
}
