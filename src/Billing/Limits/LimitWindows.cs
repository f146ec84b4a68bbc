using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Limiting;

/// <summary>Which window of a quota holds an instant. All windows are in UTC and half-open.</summary>
public static class LimitWindows
{
    /// <summary>The window of what has none: gauges count in it for ever.</summary>
    public static readonly Period Standing = new(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);

    /// <summary>The window that holds an instant.</summary>
    /// <param name="interval">Its length.</param>
    /// <param name="at">The instant.</param>
    /// <param name="billingPeriod">The organisation's billing period at that instant.</param>
    public static Period Of(QuotaInterval interval, DateTimeOffset at, Period billingPeriod)
    {
        var day = new DateTimeOffset(at.UtcDateTime.Date, TimeSpan.Zero);
        switch (interval)
        {
            case QuotaInterval.Day:
                return new Period(day, day.AddDays(1));
            case QuotaInterval.Week:
                var monday = day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
                return new Period(monday, monday.AddDays(7));
            case QuotaInterval.Month:
                return Period.MonthOf(at);
            case QuotaInterval.Year:
                var year = new DateTimeOffset(day.Year, 1, 1, 0, 0, 0, TimeSpan.Zero);
                return new Period(year, year.AddYears(1));
            case QuotaInterval.Period:
                return billingPeriod;
            case QuotaInterval.Standing:
                return Standing;
            default:
                throw new ArgumentOutOfRangeException(nameof(interval), interval, "Not an interval.");
        }
    }
}
