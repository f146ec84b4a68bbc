namespace Quoin.Platform;

/// <summary>Bounds of pumps.</summary>
public static class PumpLimits
{
    /// <summary>
    /// The longest wait without a hint before a pump looks for itself: what a lost hint costs at most.
    /// </summary>
    public static readonly TimeSpan IdleLongest = TimeSpan.FromSeconds(1);

    /// <summary>The wait after a first failure.</summary>
    public static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait after failures in a row: soon enough after a database came back.</summary>
    public static readonly TimeSpan RetryLongest = TimeSpan.FromSeconds(10);

    /// <summary>How often a pump's depth is read; a count over its queue each time.</summary>
    public static readonly TimeSpan MeasureEvery = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Turns in which <see cref="Pumps.RunUntilIdle"/> must come to rest; more means a step that never ends.
    /// </summary>
    public const int TurnsUntilIdleMax = 10_000;
}
