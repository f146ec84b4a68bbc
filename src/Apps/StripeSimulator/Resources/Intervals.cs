using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Cuts time into billing periods: on the anchor's day, or a short month's last.</summary>
internal static class Intervals
{
    // A period is found by counting from the anchor; this many are enough for a century of days.
    private const int PeriodsMax = 40_000;

    /// <summary>The end of the period that holds an instant.</summary>
    /// <param name="price">With its interval.</param>
    /// <param name="anchor">Where periods are counted from.</param>
    /// <param name="instant">Seconds since 1970.</param>
    public static long End(JsonObject price, long anchor, long instant)
    {
        var recurring = price.Child("recurring");
        var count = (int)(recurring?.LongOrNull("interval_count") ?? 1);
        var from = DateTimeOffset.FromUnixTimeSeconds(anchor);
        for (var periods = 0; periods < PeriodsMax; periods++)
        {
            var end = (recurring?.Text("interval") switch
            {
                "day" => from.AddDays(periods * count),
                "week" => from.AddDays(7 * periods * count),
                "year" => from.AddYears(periods * count),
                _ => from.AddMonths(periods * count),
            }).ToUnixTimeSeconds();
            if (end > instant)
            {
                return end;
            }
        }

        throw new InvalidOperationException($"No period from {anchor} holds {instant}.");
    }
}
