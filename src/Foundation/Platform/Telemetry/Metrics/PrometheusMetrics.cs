using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Quoin.Platform;

/// <summary>
/// This replica's metrics in Prometheus' text format 0.0.4: listens to the meters of Quoin, ASP.NET Core, .NET and
/// Npgsql from the host's start on, and writes what it has heard when asked.
/// </summary>
/// <param name="meters">The host's own meters; those of another host in the same process are not heard.</param>
/// <param name="logger">Told of what cannot be shown.</param>
public sealed class PrometheusMetrics(IMeterFactory meters, ILogger<PrometheusMetrics> logger) : IHostedService, IDisposable
{
    /// <summary>What a scrape's answer is sent as.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly string[] MeterPrefixes = ["Quoin.", "Microsoft.AspNetCore.", "System.Runtime", "System.Net.", "Npgsql"];

    private readonly ConcurrentDictionary<string, Metric> metrics = new(StringComparer.Ordinal);
    private readonly Lock collecting = new();
    private MeterListener? listener;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        listener = new MeterListener { InstrumentPublished = Publish };
        listener.SetMeasurementEventCallback<double>(static (_, measured, tags, state) => ((Metric)state!).Measure(measured, tags));
        listener.SetMeasurementEventCallback<float>(static (_, measured, tags, state) => ((Metric)state!).Measure(measured, tags));
        listener.SetMeasurementEventCallback<decimal>(
            static (_, measured, tags, state) => ((Metric)state!).Measure((double)measured, tags));
        listener.SetMeasurementEventCallback<long>(static (_, measured, tags, state) => ((Metric)state!).Measure(measured, tags));
        listener.SetMeasurementEventCallback<int>(static (_, measured, tags, state) => ((Metric)state!).Measure(measured, tags));
        listener.SetMeasurementEventCallback<short>(static (_, measured, tags, state) => ((Metric)state!).Measure(measured, tags));
        listener.SetMeasurementEventCallback<byte>(static (_, measured, tags, state) => ((Metric)state!).Measure(measured, tags));
        listener.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Everything heard so far, and what observed instruments say now.</summary>
    public string Collect()
    {
        lock (collecting)
        {
            foreach (var observed in metrics.Values.Where(metric => metric.IsObserved))
            {
                observed.Forget();
            }

            Observe();
            var text = new StringBuilder(64 * 1024);
            foreach (var metric in metrics.Values.OrderBy(metric => metric.Name, StringComparer.Ordinal))
            {
                metric.Write(text);
            }

            return text.ToString();
        }
    }

    /// <inheritdoc />
    public void Dispose() => listener?.Dispose();

    private void Observe()
    {
        try
        {
            listener?.RecordObservableInstruments();
        }
        catch (AggregateException failures)
        {
            // One instrument that cannot tell must not take the others' numbers with it.
            MetricLog.NotObserved(logger, failures);
        }
    }

    private void Publish(Instrument instrument, MeterListener owner)
    {
        var meter = instrument.Meter;
        if (!Array.Exists(MeterPrefixes, prefix => meter.Name.StartsWith(prefix, StringComparison.Ordinal))
            || (meter.Scope is not null && !ReferenceEquals(meter.Scope, meters)))
        {
            return;
        }

        var made = new Metric(instrument);
        var metric = metrics.GetOrAdd(made.Name, made);
        if (metric.Kind != made.Kind || metric.Meter != made.Meter)
        {
            MetricLog.NameTaken(logger, instrument.Name, meter.Name, metric.Meter);
            return;
        }

        owner.EnableMeasurementEvents(instrument, metric);
    }
}

/// <summary>What the metrics page logs.</summary>
internal static partial class MetricLog
{
    [LoggerMessage(EventId = 111, Level = LogLevel.Warning, Message = "An observed metric could not be read")]
    public static partial void NotObserved(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 112,
        Level = LogLevel.Warning,
        Message = "Metric {Name} of {Meter} is not shown: {Other} has one of that name")]
    public static partial void NameTaken(ILogger logger, string name, string meter, string other);
}
