using Quoin.Kernel;

namespace Quoin.Inference.Internal;

/// <summary>One of several passes over another gateway's calls; each reads every stretch of time once.</summary>
/// <param name="Trails">How long after calls began it reads them, at the soonest.</param>
/// <param name="Every">How often it reads on.</param>
internal readonly record struct SpendPass(TimeSpan Trails, TimeSpan Every);

/// <summary>A stretch of time whose calls are read page by page.</summary>
/// <param name="Pass">Which pass reads it.</param>
/// <param name="From">Its first instant.</param>
/// <param name="To">Its last.</param>
/// <param name="BegunAt">When its first page was asked for.</param>
internal readonly record struct SpendStretch(int Pass, DateTimeOffset From, DateTimeOffset To, DateTimeOffset BegunAt);

/// <summary>
/// Which stretch of time is read next. A call is listed by when it began and written down once it is over, or later: so one
/// pass reads what there is already, and others trail it, to find what was not. As each reads every stretch once, what is
/// read does not grow with how late calls may be.
/// </summary>
internal static class SpendPasses
{
    /// <summary>The passes, by how far they trail.</summary>
    public static readonly IReadOnlyList<SpendPass> All =
    [
        new(TimeSpan.Zero, Limits.SpendReadEvery),
        new(Limits.SpendTrailShort, Limits.SpendReadEvery),
        new(Limits.SpendTrailMiddle, Limits.SpendReadMiddleEvery),
        new(Limits.SpendTrailLong, Limits.SpendReadLongEvery),
    ];

    /// <summary>Whether what a pass finds for the first time was written down late.</summary>
    public static bool FindsLate(int pass) => All[pass].Trails >= Limits.SpendTrailMiddle;

    /// <summary>
    /// The stretch that is being read, or else the next one of the pass that is behind most; of the first where none is due.
    /// </summary>
    public static SpendStretch Next(SpendSource source, DateTimeOffset now)
    {
        if (source.WindowTo is { } end)
        {
            return new SpendStretch(source.WindowPass, source.PassedTo[source.WindowPass], end, source.WindowBegunAt ?? end);
        }

        var pass = Enumerable.Range(0, All.Count)
            .Where(pass => Due(source, pass) <= now)
            .DefaultIfEmpty(0)
            .MaxBy(pass => now - All[pass].Trails - source.PassedTo[pass]);
        var from = source.PassedTo[pass];
        var to = WholeSecond(Earlier(now - All[pass].Trails, from + Limits.SpendWindowLongest));
        return new SpendStretch(pass, from, to > from ? to : from, now);
    }

    /// <summary>The first half of a stretch, which has too many calls; null where it is too short to be cut.</summary>
    public static SpendStretch? Half(SpendStretch stretch) =>
        (stretch.To - stretch.From) / 2 is var half && half >= Limits.SpendWindowShortest
            ? stretch with { To = WholeSecond(stretch.From + half) }
            : null;

    /// <summary>
    /// How far each pass is once a stretch was read to its end. Long after its calls began, it was read for the passes that
    /// trail as well: so a past that is read for the first time is read once.
    /// </summary>
    public static IReadOnlyList<DateTimeOffset> After(SpendSource source, SpendStretch stretch) =>
    [
        .. source.PassedTo.Select((passed, pass) =>
            passed >= stretch.From && Earlier(stretch.To, stretch.BegunAt - All[pass].Trails) is var reached && reached > passed
                ? reached
                : passed),
    ];

    /// <summary>When a source is to be read next, between two stretches.</summary>
    public static DateTimeOffset NextAt(SpendSource source, DateTimeOffset now) =>
        Enumerable.Range(0, All.Count).Min(pass => Due(source, pass)) is var due && due > now ? due : now;

    private static DateTimeOffset Due(SpendSource source, int pass) => source.PassedTo[pass] + All[pass].Trails + All[pass].Every;

    // LiteLLM is asked in whole seconds: what is said to be read then was.
    private static DateTimeOffset WholeSecond(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerSecond));

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
