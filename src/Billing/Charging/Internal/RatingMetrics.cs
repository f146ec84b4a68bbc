using System.Diagnostics.Metrics;

namespace Quoin.Charging.Internal;

/// <summary>What rating measures.</summary>
internal sealed class RatingMetrics
{
    private readonly TimeProvider time;
    private readonly Counter<long> lines;
    private readonly Counter<long> setAside;
    private readonly Histogram<double> lag;

    public RatingMetrics(IMeterFactory meters, TimeProvider time)
    {
        this.time = time;
        var meter = meters.Create("Quoin.Charging");
        lines = meter.CreateCounter<long>("charging.line.make", "{line}", "Rated lines made.");
        setAside = meter.CreateCounter<long>("charging.usage.set_aside", "{fold}", "Folds set aside because nothing prices them.");
        setAside.Add(0); // Told of at zero, so that the first is seen to be one more than before.
        lag = meter.CreateHistogram<double>("charging.usage.lag", "s", "From an event's commit to its money's, the oldest of a step.");
    }

    public void Rated(int lineCount, int setAsideCount, DateTimeOffset oldest)
    {
        lines.Add(lineCount);
        setAside.Add(setAsideCount);
        lag.Record(Math.Max(0, (time.GetUtcNow() - oldest).TotalSeconds));
    }
}
