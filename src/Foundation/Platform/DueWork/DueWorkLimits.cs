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

    /// <summary>
    /// Instants one move of a clock may run: ten years of hourly work, and a stop for work that never ends.
    /// </summary>
    public const int StepsPerMoveMax = 100_000;
}
