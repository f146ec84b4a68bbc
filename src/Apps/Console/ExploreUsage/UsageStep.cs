namespace Quoin.ConsolePages.ExploreUsage;

/// <summary>The width of one column, in the reader's time.</summary>
public enum UsageStep
{
    /// <summary>Quarter hours.</summary>
    QuarterHour,

    /// <summary>Full hours.</summary>
    Hour,

    /// <summary>Days, midnight to midnight: of 23 or 25 hours where clocks change.</summary>
    Day,

    /// <summary>Calendar months.</summary>
    Month,
}

/// <summary>Cuts time where the reader's clock does.</summary>
public static class UsageSteps
{
    /// <summary>All steps, the narrowest first, with their names in addresses and for people.</summary>
    public static IReadOnlyList<(UsageStep Step, string Name, string Text)> All { get; } =
    [
        (UsageStep.QuarterHour, "quarter_hour", "15 min"),
        (UsageStep.Hour, "hour", "Hour"),
        (UsageStep.Day, "day", "Day"),
        (UsageStep.Month, "month", "Month"),
    ];

    /// <summary>Its name in addresses.</summary>
    public static string Name(this UsageStep step) => All.First(one => one.Step == step).Name;

    /// <summary>Where each step of a time begins, and last where the time ends.</summary>
    /// <param name="step">The step.</param>
    /// <param name="start">Where the first one begins.</param>
    /// <param name="end">Where the last one ends at the latest.</param>
    /// <param name="zone">The reader's time zone.</param>
    /// <param name="most">More are not cut.</param>
    public static IReadOnlyList<DateTimeOffset> Cut(
        this UsageStep step, DateTimeOffset start, DateTimeOffset end, TimeZoneInfo zone, int most)
    {
        var bounds = new List<DateTimeOffset> { start };
        while (bounds[^1] < end && bounds.Count <= most + 1)
        {
            var next = step.Next(bounds[^1], zone);
            bounds.Add(next < end ? next : end);
        }

        return bounds;
    }

    /// <summary>Where the step after an instant begins.</summary>
    public static DateTimeOffset Next(this UsageStep step, DateTimeOffset instant, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(instant, zone).DateTime;
        switch (step)
        {
            case UsageStep.QuarterHour:
                return instant.AddMinutes(15);
            case UsageStep.Hour:
                var next = instant.AddMinutes(15);
                while (TimeZoneInfo.ConvertTime(next, zone).Minute != 0)
                {
                    next = next.AddMinutes(15);
                }

                return next;
            case UsageStep.Day:
                return Midnight(DateOnly.FromDateTime(local).AddDays(1), zone);
            default:
                return Midnight(new DateOnly(local.Year, local.Month, 1).AddMonths(1), zone);
        }
    }

    /// <summary>
    /// When a day begins in a zone: where clocks skip its midnight, with the first time there is; where they show it
    /// twice, the first time.
    /// </summary>
    public static DateTimeOffset Midnight(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}
