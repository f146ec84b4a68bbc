using Quoin.Kernel;

namespace Quoin.Inference;

/// <summary>Ranges of the history, and the steps they are cut into.</summary>
internal static class HistoryRange
{
    private static readonly DateTimeOffset Origin = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The range somebody asks for; null where it is none, too long or outside of what may be asked for.</summary>
    public static Period? Of(DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset now) =>
        Of(from, to, now, Limits.HistoryLongest);

    /// <summary>The same, of at most some length.</summary>
    public static Period? Of(DateTimeOffset? from, DateTimeOffset? to, DateTimeOffset now, TimeSpan longest)
    {
        if (!MayBeAskedFor(from) || !MayBeAskedFor(to))
        {
            return null;
        }

        var end = to ?? now;
        var start = from ?? end - Limits.HistoryUsually;
        return start < end && end - start <= longest ? new Period(start, end) : null;
    }

    /// <summary>
    /// Whether an instant may bound a range: nothing was called before 1970, and beyond either end of the calendar there is
    /// no room for the range before, or for a day that ends.
    /// </summary>
    public static bool MayBeAskedFor(DateTimeOffset? instant) =>
        instant is null || (instant >= Limits.HistoryEarliest && instant < Limits.HistoryLatest);

    /// <summary>
    /// The range of a summary, from the start of its first step on, and the step; null where it is none, or too long for its
    /// steps.
    /// </summary>
    public static (Period Range, SummaryStep Step)? Of(SummaryRequest request, DateTimeOffset now)
    {
        if (Of(request.From, request.To, now) is not { } range)
        {
            return null;
        }

        var step = request.Step ?? ShortestFor(range);
        return Fits(range, step) ? (Aligned(range, step), step) : null;
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
