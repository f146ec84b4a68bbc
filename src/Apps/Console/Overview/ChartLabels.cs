using System.Globalization;
using Quoin.Metering;

namespace Quoin.ConsolePages.Overview;

/// <summary>Which columns of a chart carry their time, and how it is written.</summary>
public static class ChartLabels
{
    private const int PixelsPerLabel = 64;
    private const int MinutesPerDay = 1_440;

    private static readonly int[] MinuteSteps = [15, 30, 60, 120, 180, 360, 720, MinutesPerDay, 2 * MinutesPerDay];
    private static readonly int[] DaySteps = [1, 2, 3, 7, 14, 28];

    /// <summary>Labels that neither touch nor fall on odd times: full hours and midnights of the reader.</summary>
    public static IEnumerable<(int Column, string Text)> Of(
        IReadOnlyList<DateTimeOffset> columns, UsageWindow window, int width, TimeZoneInfo zone)
    {
        var labels = Math.Max(2, width / PixelsPerLabel);
        return window == UsageWindow.Day ? Days(columns, labels) : Hours(columns, labels, zone);
    }

    // Days are UTC's, whatever the reader's zone: that is what was summed.
    private static IEnumerable<(int Column, string Text)> Days(IReadOnlyList<DateTimeOffset> columns, int labels)
    {
        var step = Array.Find(DaySteps, days => columns.Count / days <= labels);
        step = step == 0 ? DaySteps[^1] : step;
        for (var column = (columns.Count - 1) % step; column < columns.Count; column += step)
        {
            yield return (column, columns[column].UtcDateTime.ToString("d MMM", CultureInfo.InvariantCulture));
        }
    }

    private static IEnumerable<(int Column, string Text)> Hours(
        IReadOnlyList<DateTimeOffset> columns, int labels, TimeZoneInfo zone)
    {
        var minutes = (columns[^1] - columns[0]).TotalMinutes;
        var step = Array.Find(MinuteSteps, one => minutes / one <= labels);
        step = step == 0 ? MinuteSteps[^1] : step;
        for (var column = 0; column < columns.Count; column++)
        {
            var local = TimeZoneInfo.ConvertTime(columns[column], zone);
            var minutesOfDay = (int)local.TimeOfDay.TotalMinutes;
            var isMark = step >= MinutesPerDay
                ? minutesOfDay == 0 && local.DateTime.Ticks / TimeSpan.TicksPerDay % (step / MinutesPerDay) == 0
                : minutesOfDay % step == 0;
            if (isMark)
            {
                var form = minutesOfDay == 0 ? "d MMM" : "HH:mm";
                yield return (column, local.ToString(form, CultureInfo.InvariantCulture));
            }
        }
    }
}
