using System.Globalization;
using Quoin.Kernel;

namespace Quoin.ConsolePages.ExploreUsage;

/// <summary>
/// Which time usage is looked at, in which steps, and the time before it that it is compared with. What the address says
/// wrong or leaves out becomes the default, for a person typed or bent it.
/// </summary>
public sealed record UsageRange
{
    /// <summary>A range of the reader's own.</summary>
    public const string Custom = "custom";

    private const string DayForm = "yyyy-MM-dd";
    private const int MonthsOfYear = 12;

    private UsageRange(string name, UsageStep step, TimeZoneInfo zone) => (Name, Step, Zone) = (name, step, zone);

    /// <summary>The ranges there are without saying days: their names in addresses, and for people.</summary>
    public static IReadOnlyList<(string Name, string Text)> Known { get; } =
    [
        ("24h", "24 h"), ("7d", "7 d"), ("30d", "30 d"), ("month", "This month"), ("last_month", "Last month"),
        ("12mo", "12 months"),
    ];

    /// <summary>One of <see cref="Known"/>, or <see cref="Custom"/>.</summary>
    public string Name { get; }

    /// <summary>The width of one column.</summary>
    public UsageStep Step { get; }

    /// <summary>The zone whose hours, days and months are meant.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>Where each column begins, and last where the last one ends.</summary>
    public IReadOnlyList<DateTimeOffset> Bounds { get; private init; } = [];

    /// <summary>The same for the time before, as far as it is compared; column by column.</summary>
    public IReadOnlyList<DateTimeOffset> BoundsBefore { get; private init; } = [];

    /// <summary>Whether the time goes on: then the time before is compared up to the same point only.</summary>
    public bool GoesOn { get; private init; }

    /// <summary>The steps this range can be shown in.</summary>
    public IReadOnlyList<UsageStep> Steps { get; private init; } = [];

    /// <summary>The start of each column.</summary>
    public IReadOnlyList<DateTimeOffset> Columns => [.. Bounds.SkipLast(1)];

    /// <summary>All of it.</summary>
    public Period Period => new(Bounds[0], Bounds[^1]);

    /// <summary>All that it is compared with.</summary>
    public Period PeriodBefore => new(BoundsBefore[0], BoundsBefore[^1]);

    /// <summary>The first day, as an address and a date field have it.</summary>
    public string FromDay => Day(Period.Start);

    /// <summary>The last day inside.</summary>
    public string ToDay => Day(Period.End.AddTicks(-1));

    /// <summary>Reads the address.</summary>
    /// <param name="name">Which range.</param>
    /// <param name="step">In which steps.</param>
    /// <param name="from">The first day of a range of the reader's own, in the zone.</param>
    /// <param name="to">Its last day.</param>
    /// <param name="zone">The reader's zone.</param>
    /// <param name="now">By the organisation's clock.</param>
    public static UsageRange Read(
        string? name, string? step, string? from, string? to, TimeZoneInfo zone, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        var month = new DateOnly(today.Year, today.Month, 1);
        return name switch
        {
            Custom when Days(from, to) is var (first, last) =>
                OfDays(name, first, last, first.AddDays(first.DayNumber - last.DayNumber - 1), UsageStep.Day, step, zone, now),
            "24h" => OfHours(name, 24, step, zone, now),
            "30d" => OfDays(name, today.AddDays(-29), today, today.AddDays(-59), UsageStep.Day, step, zone, now),
            "month" => OfDays(name, month, month.AddMonths(1).AddDays(-1), month.AddMonths(-1), UsageStep.Day, step, zone, now),
            "last_month" => OfDays(name, month.AddMonths(-1), month.AddDays(-1), month.AddMonths(-2), UsageStep.Day, step, zone, now),
            "12mo" => OfDays(
                name,
                month.AddMonths(1 - MonthsOfYear),
                month.AddMonths(1).AddDays(-1),
                month.AddMonths(1 - (2 * MonthsOfYear)),
                UsageStep.Month,
                step,
                zone,
                now),
            _ => OfDays("7d", today.AddDays(-6), today, today.AddDays(-13), UsageStep.Hour, step, zone, now),
        };
    }

    private static UsageRange OfHours(string name, int hours, string? step, TimeZoneInfo zone, DateTimeOffset now)
    {
        var end = UsageStep.Hour.Next(QuarterHour.Of(now), zone);
        var start = end.AddHours(-hours);
        return Of(name, new Period(start, end), new Period(start.AddHours(-hours), start), UsageStep.Hour, step, zone, now);
    }

    private static UsageRange OfDays(
        string name,
        DateOnly first,
        DateOnly last,
        DateOnly before,
        UsageStep usual,
        string? step,
        TimeZoneInfo zone,
        DateTimeOffset now)
    {
        var start = UsageSteps.Midnight(first, zone);
        return Of(
            name,
            new Period(start, UsageSteps.Midnight(last.AddDays(1), zone)),
            new Period(UsageSteps.Midnight(before, zone), start),
            usual,
            step,
            zone,
            now);
    }

    private static UsageRange Of(
        string name, Period time, Period before, UsageStep usual, string? step, TimeZoneInfo zone, DateTimeOffset now)
    {
        var fitting = UsageSteps.All
            .Where(one => one.Step.Cut(time.Start, time.End, zone, Limits.ColumnsMax).Count - 1 is >= 2 and <= Limits.ColumnsMax)
            .Select(one => one.Step)
            .ToList();
        var asked = fitting.FindIndex(one => one.Name() == step);
        var chosen = asked >= 0 ? fitting[asked] : fitting.Contains(usual) ? usual : fitting[0];
        var bounds = chosen.Cut(time.Start, time.End, zone, Limits.ColumnsMax);

        // What goes on is compared with as much of the time before as has passed of it.
        var passed = before.Start + (QuarterHour.Of(now).AddMinutes(15) - time.Start);
        var goesOn = time.Contains(now);
        var until = goesOn && passed < before.End ? passed : before.End;
        var boundsBefore = chosen.Cut(before.Start, until, zone, bounds.Count - 1);
        return new UsageRange(name, chosen, zone)
        {
            Bounds = bounds,
            BoundsBefore = [.. boundsBefore.Take(bounds.Count)],
            GoesOn = goesOn,
            Steps = fitting,
        };
    }

    private static (DateOnly First, DateOnly Last)? Days(string? from, string? to) =>
        DateOnly.TryParseExact(from, DayForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var first)
        && DateOnly.TryParseExact(to, DayForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var last)
        && last >= first
        && first.Year > 2 * Limits.UsageYearsMax
        && last.Year < DateTime.MaxValue.Year - Limits.UsageYearsMax
        && last.DayNumber - first.DayNumber < Limits.UsageYearsMax * 366
            ? (first, last)
            : null;

    private string Day(DateTimeOffset instant) =>
        TimeZoneInfo.ConvertTime(instant, Zone).ToString(DayForm, CultureInfo.InvariantCulture);
}
