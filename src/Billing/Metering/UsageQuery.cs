using Quoin.Kernel;

namespace Quoin.Metering;

/// <summary>The width of the steps of a usage query.</summary>
public enum UsageWindow
{
    /// <summary>Quarter hours.</summary>
    QuarterHour,

    /// <summary>Hours, UTC.</summary>
    Hour,

    /// <summary>Days, from midnight to midnight of a time zone.</summary>
    Day,

    /// <summary>Minutes, read from the events themselves: for short ranges.</summary>
    Minute,

    /// <summary>Months, from midnight to midnight of a time zone.</summary>
    Month,

    /// <summary>The whole range at once.</summary>
    Period,
}

/// <summary>What windows are in time. Pure.</summary>
public static class UsageWindows
{
    /// <summary>The windows of one length each, in UTC, that buckets answer; the shortest first.</summary>
    public static IReadOnlyList<UsageWindow> Even { get; } = [UsageWindow.QuarterHour, UsageWindow.Hour, UsageWindow.Day];

    /// <summary>How long one step is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Months and periods have no one length.</exception>
    public static TimeSpan Width(this UsageWindow window) => window switch
    {
        UsageWindow.Minute => TimeSpan.FromMinutes(1),
        UsageWindow.QuarterHour => TimeSpan.FromMinutes(15),
        UsageWindow.Hour => TimeSpan.FromHours(1),
        UsageWindow.Day => TimeSpan.FromDays(1),
        _ => throw new ArgumentOutOfRangeException(nameof(window), window, "Not a window of one length."),
    };

    /// <summary>
    /// The starts of the windows a range touches, rising; the first may lie before the range. Days and months begin at a
    /// zone's local midnight: a day of changing clocks has 23 or 25 hours. Where midnight comes twice, the first one
    /// counts; where it is skipped, the first instant after.
    /// </summary>
    /// <param name="window">How wide.</param>
    /// <param name="range">The range.</param>
    /// <param name="zone">Whose midnights.</param>
    /// <param name="limit">At most so many: then the last one says that there are more.</param>
    public static IReadOnlyList<DateTimeOffset> Starts(
        this UsageWindow window, Period range, TimeZoneInfo zone, int limit)
    {
        if (window == UsageWindow.Period)
        {
            return [range.Start];
        }

        var starts = new List<DateTimeOffset>();
        for (var start = First(window, range.Start, zone); start < range.End && starts.Count < limit;)
        {
            starts.Add(start);
            start = Next(window, start, zone);
        }

        return starts;
    }

    private static DateTimeOffset First(UsageWindow window, DateTimeOffset instant, TimeZoneInfo zone)
    {
        if (window is not (UsageWindow.Day or UsageWindow.Month))
        {
            return new DateTimeOffset(instant.UtcTicks - (instant.UtcTicks % window.Width().Ticks), TimeSpan.Zero);
        }

        var local = LocalDate(instant, zone);
        return Midnight(window == UsageWindow.Day ? local : new DateOnly(local.Year, local.Month, 1), zone);
    }

    private static DateTimeOffset Next(UsageWindow window, DateTimeOffset start, TimeZoneInfo zone) => window switch
    {
        UsageWindow.Day => Midnight(LocalDate(start, zone).AddDays(1), zone),
        UsageWindow.Month => Midnight(LocalDate(start, zone).AddMonths(1), zone),
        _ => start + window.Width(),
    };

    private static DateOnly LocalDate(DateTimeOffset instant, TimeZoneInfo zone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

    private static DateTimeOffset Midnight(DateOnly date, TimeZoneInfo zone)
    {
        var local = date.ToDateTime(TimeOnly.MinValue);
        if (zone.IsAmbiguousTime(local))
        {
            return new DateTimeOffset(local, zone.GetAmbiguousTimeOffsets(local).Max()).ToUniversalTime();
        }

        // A skipped midnight, told by the offset before the gap, is the very instant the clocks were put forward.
        var offset = zone.IsInvalidTime(local) ? zone.GetUtcOffset(local.AddHours(-3)) : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}

/// <summary>A value a dimension must have; several of one name are alternatives.</summary>
/// <param name="Name">The dimension.</param>
/// <param name="Value">The value.</param>
public readonly record struct DimensionFilter(string Name, string Value);

/// <summary>A question about usage.</summary>
/// <param name="Range">From when to when; quarter hours that begin inside are counted.</param>
/// <param name="Window">In which steps.</param>
/// <param name="GroupBy">Dimensions to tell apart; none takes all together.</param>
/// <param name="BillingAccount">Only this billing account's; null for all.</param>
/// <param name="Meters">Only of these meters; null for all.</param>
/// <param name="Filters">Only usage whose dimensions have these values; null for all.</param>
/// <param name="Zone">Whose days and months; null: UTC.</param>
public sealed record UsageQuery(
    Period Range,
    UsageWindow Window,
    IReadOnlyList<string> GroupBy,
    BillingAccountId? BillingAccount,
    IReadOnlyList<MeterId>? Meters = null,
    IReadOnlyList<DimensionFilter>? Filters = null,
    TimeZoneInfo? Zone = null);

/// <summary>Usage in one step of time.</summary>
/// <param name="WindowStart">The step's start.</param>
/// <param name="Meter">The meter's key.</param>
/// <param name="Group">The dimensions asked for; empty where usage lacks one.</param>
/// <param name="Quantity">How much: the sum, or the largest, smallest, last or number of different values.</param>
/// <param name="EventCount">From how many events.</param>
public sealed record UsagePoint(
    DateTimeOffset WindowStart,
    string Meter,
    Dimensions Group,
    decimal Quantity,
    long EventCount);
