using System.Diagnostics.Metrics;

namespace Quoin.Platform;

/// <summary>What the queue measures: attempts and how they ended, how much waits, how much is dead.</summary>
internal sealed class JobMetrics
{
    private readonly Histogram<double> attempts;
    private readonly TimeProvider time;
    private volatile Reading? last;

    public JobMetrics(IMeterFactory meters, TimeProvider time)
    {
        this.time = time;
        var meter = meters.Create("Quoin.Platform");
        attempts = meter.CreateHistogram<double>("platform.job.attempt", "s", "How long an attempt at a job took.");
        meter.CreateObservableGauge(
            "platform.job.depth", () => Read(job => job.Due.Count), description: "Jobs that are due and not done.");
        meter.CreateObservableGauge(
            "platform.job.dead", () => Read(job => job.Dead), description: "Jobs that failed for good.");
        meter.CreateObservableGauge(
            "platform.job.lag", () => Read(job => Age(job.Due.Oldest)), "s", "How long the oldest due job has waited.");
    }

    public void Attempted(string job, JobEnding ending, TimeSpan took) =>
        attempts.Record(took.TotalSeconds, new("job", job), new("ending", Word(ending)));

    private static string Word(JobEnding ending) => ending switch
    {
        JobEnding.Completed => "completed",
        JobEnding.Lost => "lost",
        JobEnding.Stopped => "stopped",
        JobEnding.Failed => "failed",
        _ => "dead",
    };

    public void Measured(IReadOnlyDictionary<string, (StageDepth Due, long Dead)> depths) =>
        last = new Reading(depths, time.GetTimestamp());

    // One replica measures at a time; who no longer does must not go on telling an old reading.
    private IEnumerable<Measurement<T>> Read<T>(Func<(StageDepth Due, long Dead), T> value)
        where T : struct => last is not { } read || time.GetElapsedTime(read.At) > 3 * JobLimits.MeasureEvery
        ? []
        : read.Depths.Select(job => new Measurement<T>(
            value(job.Value), new KeyValuePair<string, object?>("job", job.Key)));

    private double Age(DateTimeOffset? oldest) =>
        oldest is { } since ? Math.Max(0, (time.GetUtcNow() - since).TotalSeconds) : 0;

    private sealed record Reading(IReadOnlyDictionary<string, (StageDepth Due, long Dead)> Depths, long At);
}
