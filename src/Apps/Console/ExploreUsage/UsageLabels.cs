using System.Globalization;
using Quoin.ConsolePages.Overview;
using Quoin.Metering;

namespace Quoin.ConsolePages.ExploreUsage;

/// <summary>How steps are called, in the zone whose days are meant.</summary>
public static class UsageLabels
{
    private const int LabelsMost = 10;
    private const int WidthOfLabels = 640;

    private static readonly int[] Strides = [1, 2, 3, 7, 14, 28];

    /// <summary>Each step in words, with its year where that is not this range's last one.</summary>
    public static IReadOnlyList<string> Columns(UsageRange range) =>
        [.. range.Columns.Select(column => Of(column, range.Step, range.Zone))];

    /// <summary>One instant, as exactly as a step begins.</summary>
    public static string Of(DateTimeOffset instant, UsageStep step, TimeZoneInfo zone) =>
        Local(instant, zone).ToString(
            step switch
            {
                UsageStep.Month => "MMMM yyyy",
                UsageStep.Day => "ddd d MMM yyyy",
                _ => "d MMM yyyy HH:mm",
            },
            CultureInfo.InvariantCulture);

    /// <summary>The labels below the chart: as many as have a place.</summary>
    public static IEnumerable<(int Column, string Text)> Times(UsageRange range) => range.Step switch
    {
        UsageStep.Month => Every(range, "MMM", LabelsMost + 2),
        UsageStep.Day => Every(range, "d MMM", LabelsMost),
        _ => ChartLabels.Of(range.Columns, UsageWindow.Hour, WidthOfLabels, range.Zone),
    };

    // Counted from the newest, which so always has one.
    private static IEnumerable<(int Column, string Text)> Every(UsageRange range, string form, int most)
    {
        var stride = Array.Find(Strides, one => range.Columns.Count / one <= most);
        stride = stride == 0 ? Strides[^1] : stride;
        for (var column = (range.Columns.Count - 1) % stride; column < range.Columns.Count; column += stride)
        {
            yield return (column, Local(range.Columns[column], range.Zone).ToString(form, CultureInfo.InvariantCulture));
        }
    }

    private static DateTimeOffset Local(DateTimeOffset instant, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(instant, zone);
}
