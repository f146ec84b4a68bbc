using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>Usage over a range of time.</summary>
/// <param name="From">The first instant; thirty days before <c>to</c> where it is left out.</param>
/// <param name="To">The first instant after; now where it is left out.</param>
/// <param name="Window"><c>quarter_hour</c>, <c>hour</c> or <c>day</c>, in UTC.</param>
/// <param name="GroupBy">Dimensions to tell apart, such as <c>model</c>.</param>
/// <param name="BillingAccount">Only this billing account's usage.</param>
internal sealed record UsageRequest(
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    UsageWindow Window = UsageWindow.Hour,
    string[]? GroupBy = null,
    BillingAccountId? BillingAccount = null);

/// <summary>One row of usage.</summary>
/// <param name="WindowStart">The first instant of its window.</param>
/// <param name="Meter">The meter that measured it.</param>
/// <param name="Dimensions">The values it was grouped by.</param>
/// <param name="Quantity">How much, in the meter's unit.</param>
/// <param name="EventCount">How many events it sums up.</param>
internal sealed record UsageRow(
    DateTimeOffset WindowStart,
    string Meter,
    IReadOnlyDictionary<string, string> Dimensions,
    decimal Quantity,
    long EventCount);

/// <summary>All rows of a usage answer.</summary>
/// <param name="From">The first instant counted.</param>
/// <param name="To">The first instant not counted any more.</param>
/// <param name="Window">How long each window is.</param>
/// <param name="Data">The rows, by window, meter and dimensions.</param>
internal sealed record UsageAnswer(DateTimeOffset From, DateTimeOffset To, UsageWindow Window, IReadOnlyList<UsageRow> Data);

/// <summary>Reads usage.</summary>
internal static class ReadUsage
{
    private const int DaysDefault = 30;

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
        var to = request.To ?? await clock.Now(org, cancellationToken);
        var from = request.From ?? (to > Limits.OldestTime ? to.AddDays(-DaysDefault) : to);
        var range = new Period(from, to);
        if (range.End <= range.Start || range.End - range.Start > TimeSpan.FromDays(Limits.UsageDaysMax))
        {
            return new Problem(MeteringProblems.InvalidRange, $"from lies before to, at most {Limits.UsageDaysMax} days.");
        }

        var groupBy = (request.GroupBy ?? []).Distinct().ToArray();
        if (groupBy.Length > Limits.UsageDimensionsMax)
        {
            return new Problem(
                PlatformProblems.InvalidParameter, $"'group_by' names at most {Limits.UsageDimensionsMax} dimensions.");
        }

        // One point too many tells that the answer would lack some.
        var query = new UsageQuery(range, request.Window, groupBy, request.BillingAccount);
        var points = await metering.Usage(org, query, Limits.UsagePointsMax + 1, cancellationToken);
        if (points.Count > Limits.UsagePointsMax)
        {
            return new Problem(
                MeteringProblems.InvalidRange,
                $"This comes to more than {Limits.UsagePointsMax} rows; ask for a shorter range, a wider window or less detail.");
        }

        return TypedResults.Ok(new UsageAnswer(
            range.Start,
            range.End,
            request.Window,
            [.. points.Select(point => new UsageRow(
                point.WindowStart,
                point.Meter,
                point.Group.ToDictionary(),
                point.Quantity,
                point.EventCount))]));
    }
}
