using Quoin.Kernel;

namespace Quoin.Inference;

/// <summary>Ranges of the history, and the steps they are cut into.</summary>
internal static class HistoryRange
{
    private static readonly DateTimeOffset Origin = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The range somebody asks for; null where it is none, or too long.</summary>
    public static Period? Of(DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset now)
    {
        var end = to ?? now;
        var start = from ?? end - Limits.HistoryUsually;
        return start < end && end - start <= Limits.HistoryLongest ? new Period(start, end) : null;
    }

    /// <summary>How long a step is.</summary>
    public static TimeSpan Length(SummaryStep step) => step switch
    {
        SummaryStep.Minutes5 => TimeSpan.FromMinutes(5),
        SummaryStep.Minutes15 => TimeSpan.FromMinutes(15),
        SummaryStep.Hour => TimeSpan.FromHours(1),
        SummaryStep.Hours6 => TimeSpan.FromHours(6),
        _ => TimeSpan.FromDays(1),
    };

    /// <summary>The shortest step that cuts a range into no more points than a chart shows.</summary>
    public static SummaryStep ShortestFor(Period range) =>
        Enum.GetValues<SummaryStep>().First(step => step == SummaryStep.Day || Fits(range, step));

    /// <summary>Whether a step cuts a range into no more points than a chart shows.</summary>
    public static bool Fits(Period range, SummaryStep step) =>
        range.End - range.Start <= Length(step) * Limits.SummaryPointsMax;

    /// <summary>A range from the start of the step its first instant is in.</summary>
    public static Period Aligned(Period range, SummaryStep step)
    {
        var length = Length(step).Ticks;
        var start = range.Start.AddTicks(-(((range.Start - Origin).Ticks % length + length) % length));
        return new Period(start, range.End);
    }

    /// <summary>The first instants of the steps of an aligned range.</summary>
    public static IEnumerable<DateTimeOffset> Starts(Period range, SummaryStep step)
    {
        for (var start = range.Start; start < range.End; start += Length(step))
        {
            yield return start;
        }
    }
}
