using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Quoin.Platform;

/// <summary>What pumps measure: steps, failures, and how far behind each is.</summary>
internal sealed class PumpMetrics
{
    private readonly ConcurrentDictionary<string, StageDepth> depths = new(StringComparer.Ordinal);
    private readonly Histogram<double> steps;
    private readonly Counter<long> failures;
    private readonly TimeProvider time;

    public PumpMetrics(IMeterFactory meters, TimeProvider time)
    {
        this.time = time;
        var meter = meters.Create("Quoin.Platform");
        steps = meter.CreateHistogram<double>("platform.pump.step", "s", "How long a pump's step took.");
        failures = meter.CreateCounter<long>("platform.pump.fail", description: "Steps that failed.");
        meter.CreateObservableGauge("platform.pump.depth", Depths, description: "How many things wait for a pump.");
        meter.CreateObservableGauge("platform.pump.lag", Lags, "s", "How long the oldest thing has waited for a pump.");
    }

    public void Stepped(string pump, TimeSpan took, bool worked) =>
        steps.Record(took.TotalSeconds, new("pump", pump), new("worked", worked));

    public void Failed(string pump) => failures.Add(1, new KeyValuePair<string, object?>("pump", pump));

    public void Measured(string pump, StageDepth depth) => depths[pump] = depth;

    public void Forget(string pump) => depths.TryRemove(pump, out _);

    private IEnumerable<Measurement<long>> Depths() =>
        depths.Select(stage => new Measurement<long>(
            stage.Value.Count, new KeyValuePair<string, object?>("pump", stage.Key)));

    private IEnumerable<Measurement<double>> Lags()
    {
        var now = time.GetUtcNow();
        return depths.Select(stage => new Measurement<double>(
            stage.Value.Oldest is { } oldest ? Math.Max(0, (now - oldest).TotalSeconds) : 0,
            new KeyValuePair<string, object?>("pump", stage.Key)));
    }
}
