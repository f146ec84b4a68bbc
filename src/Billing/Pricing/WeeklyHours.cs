using System.Globalization;

namespace Quoin.Pricing;

/// <summary>
/// Hours of the week on the wall clocks of a place, such as working hours in Berlin. Usage counts by the start of its
/// quarter hour; all zones in use keep to quarter hours, so no bucket is cut.
/// </summary>
/// <param name="Days">The days they begin on; none means every day.</param>
/// <param name="FromMinute">Minutes after midnight, a multiple of 15.</param>
/// <param name="UntilMinute">The first minute after, up to 1440; not after the start, it is the next day's.</param>
/// <param name="Zone">The IANA name, such as <c>Europe/Berlin</c>.</param>
public sealed record WeeklyHours(IReadOnlyList<DayOfWeek> Days, int FromMinute, int UntilMinute, string Zone = "UTC")
{
    private const int MinutesPerHour = 60;
    private const int DaysPerWeek = 7;

    private readonly TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById(Zone);

    /// <summary>Whether an instant lies within.</summary>
    public bool Contains(DateTimeOffset instant)
    {
        var local = TimeZoneInfo.ConvertTime(instant, zone);
        var minute = (local.Hour * MinutesPerHour) + local.Minute;
        if (FromMinute < UntilMinute)
        {
            return Includes(local.DayOfWeek) && minute >= FromMinute && minute < UntilMinute;
        }

        var yesterday = (DayOfWeek)(((int)local.DayOfWeek + DaysPerWeek - 1) % DaysPerWeek);
        return (minute >= FromMinute && Includes(local.DayOfWeek)) || (minute < UntilMinute && Includes(yesterday));
    }

    /// <summary>As in <c>mon,tue 08:00-20:00 Europe/Berlin</c>.</summary>
    public override string ToString()
    {
        var days = Days.Count == 0 ? string.Empty : string.Join(',', Days.Select(DayText)) + " ";
        return $"{days}{MinuteText(FromMinute)}-{MinuteText(UntilMinute)} {Zone}";
    }

    /// <summary>A day as three letters: <c>mon</c>.</summary>
    internal static string DayText(DayOfWeek day) => day switch
    {
        DayOfWeek.Monday => "mon",
        DayOfWeek.Tuesday => "tue",
        DayOfWeek.Wednesday => "wed",
        DayOfWeek.Thursday => "thu",
        DayOfWeek.Friday => "fri",
        DayOfWeek.Saturday => "sat",
        _ => "sun",
    };

    /// <summary>A time of day as <c>hh:mm</c>; the day's end is <c>24:00</c>.</summary>
    internal static string MinuteText(int minute) => string.Create(
        CultureInfo.InvariantCulture, $"{minute / MinutesPerHour:00}:{minute % MinutesPerHour:00}");

    private bool Includes(DayOfWeek day) => Days.Count == 0 || Days.Contains(day);
}
