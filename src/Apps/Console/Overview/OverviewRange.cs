using System.Globalization;
using Quoin.Kernel;
using Quoin.Metering;

namespace Quoin.ConsolePages.Overview;

/// <summary>
/// Which time the overview looks at, and in which steps, as its address says it. What the address says wrong or leaves
/// out becomes the default, for a person typed or bent it.
/// </summary>
public sealed record OverviewRange
{
    /// <summary>A range of the reader's own.</summary>
    public const string Custom = "custom";

    private const string DayForm = "yyyy-MM-dd";

    private static readonly (string Name, TimeSpan Length, UsageWindow Window)[] Known =
    [
        ("1h", TimeSpan.FromHours(1), UsageWindow.QuarterHour),
        ("24h", TimeSpan.FromHours(24), UsageWindow.Hour),
        ("7d", TimeSpan.FromDays(7), UsageWindow.Hour),
        ("30d", TimeSpan.FromDays(30), UsageWindow.Day),
    ];

    private OverviewRange(string name, Period period, UsageWindow window) =>
        (Name, Window, Period, Asked) = (name, window, Aligned(period, window), period);

    /// <summary>The ranges that end now.</summary>
    public static IEnumerable<string> Names => Known.Select(known => known.Name);

    /// <summary><c>24h</c>, or <see cref="Custom"/>.</summary>
    public string Name { get; }

    /// <summary>The width of one step.</summary>
    public UsageWindow Window { get; }

    /// <summary>From the first step's start to the last one's end.</summary>
    public Period Period { get; }

    /// <summary>The start of each step.</summary>
    public IReadOnlyList<DateTimeOffset> Columns =>
        [.. Enumerable.Range(0, ColumnCount(Period, Window)).Select(index => Period.Start + (index * Window.Width()))];

    /// <summary>The steps this range can be shown in.</summary>
    public IEnumerable<UsageWindow> Windows => UsageWindows.Even.Where(window => Fits(Asked, window));

    /// <summary>The first day of a range of the reader's own, as the address and a date field have it.</summary>
    public string FromDay => Day(Period.Start);

    /// <summary>The last day inside it.</summary>
    public string ToDay => Day(Period.End.AddTicks(-1));

    private Period Asked { get; }

    /// <summary>Reads the address.</summary>
    /// <param name="name">Which range.</param>
    /// <param name="window">In which steps.</param>
    /// <param name="from">The first day of a range of the reader's own, UTC.</param>
    /// <param name="to">Its last day.</param>
    /// <param name="now">By the organisation's clock.</param>
    public static OverviewRange Read(string? name, string? window, string? from, string? to, DateTimeOffset now)
    {
        var chosen = Array.Find(Known, known => known.Name == name);
        if (chosen.Name is null && name == Custom && Days(from, to) is { } days)
        {
            return Of(Custom, days, window, UsageWindow.Day);
        }

        chosen = chosen.Name is null ? Known[1] : chosen;
        return Of(chosen.Name, new Period(now - chosen.Length, now), window, chosen.Window);
    }

    /// <summary>The name of a step in addresses.</summary>
    public static string NameOf(UsageWindow window) => window switch
    {
        UsageWindow.QuarterHour => "quarter_hour",
        UsageWindow.Hour => "hour",
        _ => "day",
    };

    private static OverviewRange Of(string name, Period period, string? window, UsageWindow usual)
    {
        var fitting = UsageWindows.Even.Where(one => Fits(period, one)).ToList();
        var asked = fitting.FindIndex(one => NameOf(one) == window);
        var chosen = asked >= 0 ? fitting[asked] : fitting.Contains(usual) ? usual : fitting[0];
        return new OverviewRange(name, period, chosen);
    }

    private static Period? Days(string? from, string? to)
    {
        if (!DateOnly.TryParseExact(from, DayForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var first)
            || !DateOnly.TryParseExact(to, DayForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var last)
            || last < first
            || last.Year > DateTime.MaxValue.Year - 1)
        {
            return null;
        }

        var start = new DateTimeOffset(first, TimeOnly.MinValue, TimeSpan.Zero);
        var end = new DateTimeOffset(last, TimeOnly.MinValue, TimeSpan.Zero).AddDays(1);
        return end - start <= TimeSpan.FromDays(Limits.DaysMax) ? new Period(start, end) : null;
    }

    private static bool Fits(Period period, UsageWindow window) =>
        ColumnCount(Aligned(period, window), window) is >= 2 and <= Limits.ColumnsMax + 1
        || (period.End - period.Start <= TimeSpan.FromDays(1) && window == UsageWindow.Hour);

    private static Period Aligned(Period period, UsageWindow window)
    {
        var width = window.Width().Ticks;
        var start = period.Start.UtcTicks - (period.Start.UtcTicks % width);
        var end = period.End.UtcTicks + ((width - (period.End.UtcTicks % width)) % width);
        return new Period(new DateTimeOffset(start, TimeSpan.Zero), new DateTimeOffset(end, TimeSpan.Zero));
    }

    private static int ColumnCount(Period period, UsageWindow window) =>
        (int)((period.End - period.Start).Ticks / window.Width().Ticks);

    private static string Day(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString(DayForm, CultureInfo.InvariantCulture);
}
