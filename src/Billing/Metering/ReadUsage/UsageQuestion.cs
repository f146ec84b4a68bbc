using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>What a request for usage asks, or why it cannot. Pure.</summary>
/// <param name="Query">The question; null where there is a problem.</param>
/// <param name="Comparison">The range to compare with; null where none is asked for.</param>
/// <param name="Problem">Why it cannot be asked.</param>
internal sealed record UsageQuestion(UsageQuery? Query, Period? Comparison, Problem? Problem)
{
    private const int DaysDefault = 30;
    private const int MinutesDefault = 60;

    public static UsageQuestion Of(UsageRequest request, DateTimeOffset now, IReadOnlyCollection<Meter> known)
    {
        if (Range(request, now) is not { } range)
        {
            return Wrong(MeteringProblems.InvalidRange, WhyRangeIsWrong(request.Window));
        }

        var groupBy = (request.GroupBy ?? []).Distinct(StringComparer.Ordinal).ToArray();
        if (groupBy.Length > Limits.UsageDimensionsMax)
        {
            return Wrong(
                PlatformProblems.InvalidParameter, $"'group_by' names at most {Limits.UsageDimensionsMax} dimensions.");
        }

        if (ZoneOf(request.Timezone) is not { } zone)
        {
            return Wrong(PlatformProblems.InvalidParameter, "'timezone' names no IANA time zone, such as Europe/Berlin.");
        }

        if (Filters(request.Dimension ?? []) is not { } filters)
        {
            return Wrong(
                PlatformProblems.InvalidParameter,
                $"'dimension' is a name and a value as model:gpt-4o, of at most {Limits.UsageDimensionsMax} names.");
        }

        var meters = new List<MeterId>();
        foreach (var name in request.Meter ?? [])
        {
            if (known.FirstOrDefault(meter => meter.IsNamed(name)) is not { } meter)
            {
                return Wrong(PlatformProblems.InvalidParameter, $"'meter' names no meter: {name}.");
            }

            meters.Add(meter.Id);
        }

        if (request.Window.Starts(range, zone, Limits.UsageWindowsMax + 1).Count > Limits.UsageWindowsMax)
        {
            return Wrong(
                MeteringProblems.InvalidRange,
                $"This comes to more than {Limits.UsageWindowsMax} windows; ask for a shorter range or a wider window.");
        }

        var query = new UsageQuery(
            range, request.Window, groupBy, request.BillingAccount, meters.Count == 0 ? null : meters, filters, zone);
        return new UsageQuestion(query, ComparisonOf(request, range), null);
    }

    // Usage is told in whole quarter hours, or in whole minutes: the answer says which it counted.
    private static Period? Range(UsageRequest request, DateTimeOffset now)
    {
        var (step, longest, usual) = request.Window == UsageWindow.Minute
            ? (TimeSpan.TicksPerMinute, TimeSpan.FromMinutes(Limits.UsageMinutesMax), TimeSpan.FromMinutes(MinutesDefault))
            : (QuarterHour.Ticks, TimeSpan.FromDays(Limits.UsageDaysMax), TimeSpan.FromDays(DaysDefault));
        var to = request.To ?? now;
        var from = request.From ?? (to > Limits.OldestTime ? to - usual : to);
        return from < to && to - from <= longest && to <= Limits.NewestTime ? Aligned(from, to, step) : null;
    }

    private static string WhyRangeIsWrong(UsageWindow window) => window == UsageWindow.Minute
        ? $"from lies before to, at most {Limits.UsageMinutesMax} minutes for windows of a minute."
        : $"from lies before to, at most {Limits.UsageDaysMax} days.";

    private static Period? ComparisonOf(UsageRequest request, Period range) => request.CompareFrom is { } from
        ? Aligned(
            from, from + (range.End - range.Start), request.Window == UsageWindow.Minute ? TimeSpan.TicksPerMinute : QuarterHour.Ticks)
        : null;

    private static Period Aligned(DateTimeOffset from, DateTimeOffset to, long step)
    {
        var rest = to.UtcTicks % step;
        return new Period(
            new DateTimeOffset(from.UtcTicks - (from.UtcTicks % step), TimeSpan.Zero),
            new DateTimeOffset(rest == 0 ? to.UtcTicks : to.UtcTicks - rest + step, TimeSpan.Zero));
    }

    private static TimeZoneInfo? ZoneOf(string? name) => name is null
        ? TimeZoneInfo.Utc
        : TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId ? zone : null;

    /// <summary>Reads filters as <c>model:gpt-4o</c>; null when one is none or there are too many.</summary>
    public static List<DimensionFilter>? Filters(string[] texts)
    {
        var filters = new List<DimensionFilter>();
        foreach (var text in texts)
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1)
            {
                return null;
            }

            filters.Add(new DimensionFilter(text[..colon], text[(colon + 1)..]));
        }

        return filters.Select(filter => filter.Name).Distinct(StringComparer.Ordinal).Count() > Limits.UsageDimensionsMax
            ? null
            : filters;
    }

    private static UsageQuestion Wrong(ProblemCode code, string detail) => new(null, null, new Problem(code, detail));
}
