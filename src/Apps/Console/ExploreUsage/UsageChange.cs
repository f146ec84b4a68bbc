using System.Globalization;

namespace Quoin.ConsolePages.ExploreUsage;

/// <summary>By how much something changed, in words.</summary>
public static class UsageChange
{
    /// <summary>In percent of what it was: <c>+12.5 %</c>; empty where it was nothing.</summary>
    public static string Share(decimal now, decimal before)
    {
        if (before == 0)
        {
            return string.Empty;
        }

        var percent = (now - before) / Math.Abs(before) * 100;
        var size = Math.Abs(percent).ToString(Math.Abs(percent) < 100 ? "0.#" : "#,##0", CultureInfo.InvariantCulture);
        return percent switch
        {
            > 0 => $"+{size} %",
            < 0 => $"−{size} %",
            _ => "as before",
        };
    }
}
