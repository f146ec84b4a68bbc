namespace Quoin.Platform;

/// <summary>Bounds of what one replica keeps to answer a scrape.</summary>
internal static class MetricLimits
{
    /// <summary>
    /// Series of one metric. A label that takes its values from outside would otherwise grow without end; what comes
    /// after lands in one series labelled <c>otel_metric_overflow="true"</c>, so that sums stay right.
    /// </summary>
    public const int SeriesMax = 500;

    /// <summary>The longest label value kept; the rest is cut.</summary>
    public const int LabelValueLengthMax = 128;

    /// <summary>
    /// Seconds, where an instrument gives no advice: from a millisecond, which a commit takes, to a minute. Finer
    /// below 250 ms, because that is the promise of event to balance.
    /// </summary>
    public static readonly double[] SecondsBuckets =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    /// <summary>Counts of things (rows of a batch, bytes), where an instrument gives no advice.</summary>
    public static readonly double[] CountBuckets =
        [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000, 1_000_000, 10_000_000];
}
