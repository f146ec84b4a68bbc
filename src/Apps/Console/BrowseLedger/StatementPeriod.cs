using System.Globalization;
using Quoin.Kernel;

namespace Quoin.ConsolePages.BrowseLedger;

/// <summary>
/// Which time a statement covers, as its address says it: by the time of recording, in whole days, UTC. What the address
/// says wrong or leaves out becomes the default, for a person typed or bent it.
/// </summary>
public sealed record StatementPeriod
{
    /// <summary>A period of the reader's own.</summary>
    public const string Custom = "custom";

    private const string DayForm = "yyyy-MM-dd";

    private StatementPeriod(string name, Period period) => (Name, Period) = (name, period);

    /// <summary>The periods there are without saying days, and what people call them.</summary>
    public static IReadOnlyList<(string Name, string Text)> Known { get; } =
        [("30d", "30 days"), ("month", "This month"), ("last_month", "Last month")];

    /// <summary>One of <see cref="Known"/>, or <see cref="Custom"/>.</summary>
    public string Name { get; }

    /// <summary>The time.</summary>
    public Period Period { get; }

    /// <summary>The first day, as an address and a date field have it.</summary>
    public string FromDay => Day(Period.Start);

    /// <summary>The last day inside.</summary>
    public string ToDay => Day(Period.End.AddTicks(-1));

    /// <summary>The same as the address' query has it.</summary>
    public (string Name, string? Value)[] Query => Name == Custom
        ? [("period", Name), ("from", FromDay), ("to", ToDay)]
        : [("period", Name)];

    /// <summary>Reads the address.</summary>
    /// <param name="name">Which period.</param>
    /// <param name="from">The first day of the reader's own period.</param>
    /// <param name="to">Its last day.</param>
    /// <param name="now">By the system's clock, by which things are recorded.</param>
    public static StatementPeriod Read(string? name, string? from, string? to, DateTimeOffset now)
    {
        var month = Period.MonthOf(now);
        return name switch
        {
            Custom when Days(from, to) is { } days => new StatementPeriod(name, days),
            "month" => new StatementPeriod(name, month),
            "last_month" => new StatementPeriod(name, Period.MonthOf(month.Start.AddDays(-1))),
            _ => new StatementPeriod("30d", new Period(DayOf(now).AddDays(-30), DayOf(now).AddDays(1))),
        };
    }

    private static Period? Days(string? from, string? to) =>
        FormText.Instant(from) is { } first && FormText.Instant(to) is { } last && first <= last
            ? new Period(DayOf(first), DayOf(last).AddDays(1))
            : null;

    private static DateTimeOffset DayOf(DateTimeOffset instant) => new(instant.UtcDateTime.Date, TimeSpan.Zero);

    private static string Day(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString(DayForm, CultureInfo.InvariantCulture);
}
