using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Quoin.Platform;

/// <summary>One metric: an instrument with all its series.</summary>
internal sealed class Metric
{
    private const string OverflowLabels = "otel_metric_overflow=\"true\"";

    private readonly ConcurrentDictionary<LabelSet, Series> byTags;
    private readonly ConcurrentDictionary<LabelSet, Series>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> lookup;
    private readonly ConcurrentDictionary<string, Series> byLabels = new(StringComparer.Ordinal);
    private readonly KeyValuePair<string, object?>[] ownTags;
    private readonly double[]? bounds;
    private readonly bool isAdded;
    private int keys;

    public Metric(Instrument instrument)
    {
        byTags = new ConcurrentDictionary<LabelSet, Series>(new LabelSetComparer());
        lookup = byTags.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        ownTags = [.. instrument.Meter.Tags ?? [], .. instrument.Tags ?? []];
        Meter = instrument.Meter.Name;
        IsObserved = instrument.IsObservable;
        (Kind, isAdded) = KindOf(instrument);
        Name = MetricName.Of(instrument.Name, instrument.Unit, Kind);
        Description = instrument.Description;
        bounds = Kind == MetricKind.Histogram ? BoundsOf(instrument) : null;
    }

    public string Name { get; }

    public string Meter { get; }

    public MetricKind Kind { get; }

    /// <summary>Whether its values are asked for at each scrape, and a series not told of then is gone.</summary>
    public bool IsObserved { get; }

    private string? Description { get; }

    public void Measure(double measured, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = lookup.TryGetValue(tags, out var known) ? known : Find(tags);
        if (Kind == MetricKind.Histogram)
        {
            series.Observe(measured);
        }
        else if (isAdded)
        {
            series.Add(measured);
        }
        else
        {
            series.Set(measured);
        }
    }

    public void Forget()
    {
        byTags.Clear();
        byLabels.Clear();
        Volatile.Write(ref keys, 0);
    }

    public void Write(StringBuilder text)
    {
        var all = byLabels.Values.OrderBy(series => series.Labels, StringComparer.Ordinal).ToList();
        if (all.Count == 0)
        {
            return;
        }

        if (!string.IsNullOrEmpty(Description))
        {
            text.Append("# HELP ").Append(Name).Append(' ')
                .Append(Description.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
                .Append('\n');
        }

        text.Append("# TYPE ").Append(Name).Append(' ').Append(Kind.ToString().ToLowerInvariant()).Append('\n');
        foreach (var series in all)
        {
            if (Kind == MetricKind.Histogram)
            {
                WriteHistogram(text, series);
            }
            else
            {
                WriteLine(text, Name, series.Labels, MetricName.OfValue(series.Value));
            }
        }
    }

    private void WriteHistogram(StringBuilder text, Series series)
    {
        var counts = series.CumulativeCounts();
        var comma = series.Labels.Length == 0 ? "" : ",";
        for (var index = 0; index < counts.Length; index++)
        {
            var bound = index < bounds!.Length ? MetricName.OfValue(bounds[index]) : "+Inf";
            WriteLine(text, Name + "_bucket", $"{series.Labels}{comma}le=\"{bound}\"", Count(counts[index]));
        }

        WriteLine(text, Name + "_sum", series.Labels, MetricName.OfValue(series.Value));
        WriteLine(text, Name + "_count", series.Labels, Count(counts[^1]));
    }

    private static void WriteLine(StringBuilder text, string name, string labels, string value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value).Append('\n');
    }

    private static string Count(long count) => count.ToString(CultureInfo.InvariantCulture);

    // Tags in another order are other keys of the same series, so both ways in are bounded.
    private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Volatile.Read(ref keys) >= MetricLimits.SeriesMax)
        {
            return byLabels.GetOrAdd(OverflowLabels, Made, bounds);
        }

        var series = byLabels.GetOrAdd(LabelSet.Text([.. ownTags, .. tags]), Made, bounds);
        if (byTags.TryAdd(new LabelSet(tags.ToArray()), series))
        {
            Interlocked.Increment(ref keys);
        }

        return series;
    }

    private static Series Made(string labels, double[]? bounds) => new(labels, bounds);

    private static (MetricKind Kind, bool IsAdded) KindOf(Instrument instrument)
    {
        var type = instrument.GetType();
        while (!type.IsGenericType)
        {
            type = type.BaseType!;
        }

        var generic = type.GetGenericTypeDefinition();
        return generic == typeof(Counter<>) ? (MetricKind.Counter, true)
            : generic == typeof(ObservableCounter<>) ? (MetricKind.Counter, false)
            : generic == typeof(UpDownCounter<>) ? (MetricKind.Gauge, true)
            : generic == typeof(Histogram<>) ? (MetricKind.Histogram, true)
            : (MetricKind.Gauge, false);
    }

    private static double[] BoundsOf(Instrument instrument)
    {
        IEnumerable<double>? advised = instrument switch
        {
            Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries,
            Histogram<long> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound),
            Histogram<int> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound),
            _ => null,
        };
        return advised is null
            ? instrument.Unit == "s" ? MetricLimits.SecondsBuckets : MetricLimits.CountBuckets
            : [.. advised.Distinct().Order()];
    }
}
