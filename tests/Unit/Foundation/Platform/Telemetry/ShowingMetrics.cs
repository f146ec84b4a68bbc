using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Quoin.Platform;

namespace Quoin.Tests.Unit.Foundation.Platform.Telemetry;

public sealed class ShowingMetrics : IAsyncLifetime
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private PrometheusMetrics metrics = null!;
    private Meter meter = null!;

    public async Task InitializeAsync()
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        metrics = new PrometheusMetrics(meters, NullLogger<PrometheusMetrics>.Instance);
        await metrics.StartAsync(CancellationToken.None);
        meter = meters.Create("Quoin.Test");
    }

    public async Task DisposeAsync()
    {
        metrics.Dispose();
        await services.DisposeAsync();
    }

    [Fact]
    public void A_counter_adds_up_by_its_labels()
    {
        var counter = meter.CreateCounter<long>("metering.event.accept", "{event}", "Events taken in.");

        counter.Add(2, new KeyValuePair<string, object?>("mode", "batch"));
        counter.Add(3, new KeyValuePair<string, object?>("mode", "batch"));
        counter.Add(1, new KeyValuePair<string, object?>("mode", "single"));

        Shown("metering_event_accept_total").ShouldBe("""
            # HELP metering_event_accept_total Events taken in.
            # TYPE metering_event_accept_total counter
            metering_event_accept_total{mode="batch"} 5
            metering_event_accept_total{mode="single"} 1

            """);
    }

    [Fact]
    public void A_histogram_counts_into_every_bucket_that_is_large_enough()
    {
        var histogram = meter.CreateHistogram(
            "ledger.flush", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });

        foreach (var measured in new[] { 0.05, 0.1, 0.25, 7 })
        {
            histogram.Record(measured, new KeyValuePair<string, object?>("ok", true));
        }

        Shown("ledger_flush_seconds").ShouldBe("""
            # TYPE ledger_flush_seconds histogram
            ledger_flush_seconds_bucket{ok="true",le="0.1"} 2
            ledger_flush_seconds_bucket{ok="true",le="1"} 3
            ledger_flush_seconds_bucket{ok="true",le="+Inf"} 4
            ledger_flush_seconds_sum{ok="true"} 7.4
            ledger_flush_seconds_count{ok="true"} 4

            """);
    }

    [Fact]
    public void What_goes_up_and_down_is_a_gauge()
    {
        var running = meter.CreateUpDownCounter<int>("jobs.running");
        var filled = meter.CreateGauge<double>("queue.filled", "1");

        running.Add(3);
        running.Add(-1);
        filled.Record(0.5);
        filled.Record(0.25);

        Shown("jobs_running").ShouldBe("# TYPE jobs_running gauge\njobs_running 2\n");
        Shown("queue_filled_ratio").ShouldBe("# TYPE queue_filled_ratio gauge\nqueue_filled_ratio 0.25\n");
    }

    [Fact]
    public void An_observed_series_that_is_not_told_of_any_more_is_gone()
    {
        var shards = new List<string> { "a", "b" };
        meter.CreateObservableGauge(
            "pump.depth", () => shards.Select(shard => new Measurement<long>(1, new KeyValuePair<string, object?>("shard", shard))));

        Shown("pump_depth").ShouldContain("shard=\"b\"");
        shards.Remove("b");

        Shown("pump_depth").ShouldNotContain("shard=\"b\"");
        Shown("pump_depth").ShouldContain("shard=\"a\"");
    }

    [Fact]
    public void An_observed_instrument_that_fails_does_not_hide_the_others()
    {
        meter.CreateObservableGauge("pump.broken", int () => throw new InvalidOperationException("broken"));
        meter.CreateObservableGauge("pump.whole", () => 1);

        Shown("pump_whole").ShouldContain("pump_whole 1");
    }

    [Fact]
    public void Label_values_are_escaped_and_names_made_harmless()
    {
        var counter = meter.CreateCounter<int>("odd.name-1", description: "Two\nlines \\ one");

        counter.Add(1, new("http.route", "a\"b\\c\nd"), new("le", "x"), new("9lives", null));

        Shown("odd_name_1_total").ShouldBe("""
            # HELP odd_name_1_total Two\nlines \\ one
            # TYPE odd_name_1_total counter
            odd_name_1_total{_9lives="",exported_le="x",http_route="a\"b\\c\nd"} 1

            """);
    }

    [Fact]
    public void Labels_in_another_order_are_the_same_series()
    {
        var counter = meter.CreateCounter<int>("ordered");

        counter.Add(1, new("a", 1), new("b", 2));
        counter.Add(1, new("b", 2), new("a", 1));

        Shown("ordered_total").ShouldEndWith("ordered_total{a=\"1\",b=\"2\"} 2\n");
    }

    [Fact]
    public void Labels_without_end_end_in_one_series_and_the_sum_stays_right()
    {
        var counter = meter.CreateCounter<int>("flood");

        for (var number = 0; number < 2_000; number++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", number));
        }

        var lines = Shown("flood_total").Split('\n').Where(line => line.StartsWith("flood_total", StringComparison.Ordinal)).ToList();
        lines.Count.ShouldBe(501);
        lines.ShouldContain("flood_total{otel_metric_overflow=\"true\"} 1500");
        lines.Sum(line => int.Parse(line.Split(' ')[1], null)).ShouldBe(2_000);
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_threads_count_at_once()
    {
        var counter = meter.CreateCounter<long>("busy");
        var histogram = meter.CreateHistogram<int>("busy.sizes");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var round = 0; round < 10_000; round++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("round", round % 7));
                histogram.Record(round % 50);
            }
        })));

        Shown("busy_total").Split('\n').Where(line => line.StartsWith("busy_total", StringComparison.Ordinal))
            .Sum(line => int.Parse(line.Split(' ')[1], null)).ShouldBe(80_000);
        Shown("busy_sizes").ShouldContain("busy_sizes_count 80000\n");
    }

    [Fact]
    public void The_meters_of_another_host_in_this_process_are_not_heard()
    {
        using var other = new ServiceCollection().AddMetrics().BuildServiceProvider();

        other.GetRequiredService<IMeterFactory>().Create("Quoin.Test").CreateCounter<int>("elsewhere").Add(1);

        metrics.Collect().ShouldNotContain("elsewhere");
    }

    [Fact]
    public void A_name_that_another_meter_has_taken_is_not_mixed_up_with_it()
    {
        meter.CreateCounter<int>("mine").Add(1);
        services.GetRequiredService<IMeterFactory>().Create("Quoin.Other").CreateCounter<int>("mine").Add(1);

        Shown("mine_total").ShouldEndWith("mine_total 1\n");
    }

    [Fact]
    public void The_whole_page_keeps_to_the_format()
    {
        meter.CreateHistogram<double>("any.time", "s").Record(0.2, new("a", "x\"y"), new("b", 1.5));
        meter.CreateCounter<double>("any.money", "{micros}").Add(double.MaxValue);
        meter.CreateGauge<double>("any.odd").Record(double.NaN);

        var problems = ExpositionFormat.Check(metrics.Collect());

        problems.ShouldBeEmpty();
        metrics.Collect().ShouldContain("dotnet_gc_collections_total");
    }

    private string Shown(string name)
    {
        var all = metrics.Collect().Split('\n');
        return string.Join('\n', all.Where(line =>
            line.Split(' ', '{') is var words
            && (words[0] == "#" ? words[2] : words[0]).StartsWith(name, StringComparison.Ordinal))) + "\n";
    }
}
