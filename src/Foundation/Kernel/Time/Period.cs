namespace Quoin.Kernel;

/// <summary>A half-open span of time, <c>[Start, End)</c>, in UTC: two that touch share no instant.</summary>
/// <param name="Start">The first instant inside.</param>
/// <param name="End">The first instant after.</param>
public readonly record struct Period(DateTimeOffset Start, DateTimeOffset End)
{
    /// <summary>Whether an instant lies inside.</summary>
    public bool Contains(DateTimeOffset instant) => instant >= Start && instant < End;

    /// <summary>The calendar month, UTC, that holds an instant.</summary>
    public static Period MonthOf(DateTimeOffset instant)
    {
        var utc = instant.UtcDateTime;
        var start = new DateTimeOffset(utc.Year, utc.Month, 1, 0, 0, 0, TimeSpan.Zero);
        return new Period(start, start.AddMonths(1));
    }
}

/// <summary>The quarter hour: the finest step of usage buckets and of price changes.</summary>
public static class QuarterHour
{
    /// <summary>Ticks (100 ns) in fifteen minutes.</summary>
    public const long Ticks = TimeSpan.TicksPerMinute * 15;

    /// <summary>The start of the quarter hour, UTC, that holds an instant.</summary>
    public static DateTimeOffset Of(DateTimeOffset instant) =>
        new(instant.UtcTicks - (instant.UtcTicks % Ticks), TimeSpan.Zero);

    /// <summary>Whether an instant is the start of a quarter hour.</summary>
    public static bool IsStart(DateTimeOffset instant) => instant.UtcTicks % Ticks == 0;
}
