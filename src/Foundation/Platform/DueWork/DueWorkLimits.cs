namespace Quoin.Platform;

/// <summary>Bounds of due work.</summary>
public static class DueWorkLimits
{
    /// <summary>Parts the organisations are divided into among replicas.</summary>
    public const int Shards = 16;

    /// <summary>How often a replica looks for due work unasked: how late a renewal may be at rest.</summary>
    public static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(5);

    /// <summary>Organisations read at once.</summary>
    public const int PageSize = 500;

    /// <summary>Instants run for one organisation before a sweep goes on to the next: fairness, not a limit.</summary>
    public const int StepsPerSweepMax = 100;

    /// <summary>Instants one call of a move runs before it says how far it came: a year of quarter hours.</summary>
    public const int StepsPerMoveMax = 35_136;

    /// <summary>
    /// How long one request moves a clock before it says how far it came: below what proxies and clients wait for an
    /// answer.
    /// </summary>
    public static readonly TimeSpan RequestLongest = TimeSpan.FromSeconds(20);

    /// <summary>How long a request to move a clock waits for a sweep of due work to end: one takes milliseconds.</summary>
    public static readonly TimeSpan SweepPatience = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks at whether the sweep has ended.</summary>
    public static readonly TimeSpan SweepPoll = TimeSpan.FromMilliseconds(50);

    /// <summary>Letters of a reason to move a clock: a paragraph, not a file.</summary>
    public const int ReasonLettersMax = 1_000;

    /// <summary>Bytes of a request to move a clock: an instant and the longest reason, escaped.</summary>
    public const int BodyBytesMax = 16 * 1024;
}
