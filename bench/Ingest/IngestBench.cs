using System.Diagnostics;
using System.Globalization;

namespace Quoin.Bench.Ingest;

/// <summary>
/// Ingest against bare COPY, on one cluster, in interleaved rounds; then single events, event to balance, and memory
/// over time. Everything through HTTP with keys, dedupe and commit; the load generator shares the machine.
/// </summary>
internal sealed class IngestBench(BenchOptions options)
{
    private const int BatchConnections = 8;
    private const int BatchEvents = 1_000;
    private const int SingleConnections = 64;

    // A host compiles its hot paths in its first seconds; what is measured is one that has run for a while.
    private const int WarmUpSeconds = 6;

    public async Task Run(CancellationToken cancellationToken)
    {
        await using var cluster = await BenchCluster.Start(cancellationToken);
        var rounds = new List<Round>();
        for (var number = 1; number <= options.Rounds; number++)
        {
            var round = await RunRound(cluster, cancellationToken);
            rounds.Add(round);
            Print(string.Create(
                CultureInfo.InvariantCulture,
                $"round {number}: copy {round.CopyOne:0}/s (events alone {round.CopyEvents:0}/s), "
                + $"copy on two {round.CopyTwo:0}/s, http {round.Batch:0}/s, single {round.Single:0}/s"));
        }

        var batch = Figures.Median(rounds.Select(round => round.Batch));
        Print($"median: http batches {batch:0} events/s; single p50 {Figures.Median(rounds.Select(round => round.SingleP50)):0.0} ms, "
            + $"p99 {Figures.Median(rounds.Select(round => round.SingleP99)):0.0} ms");
        var lags = new List<double>();
        for (var number = 1; number <= options.Rounds; number++)
        {
            lags.Add(await LagOnce(cluster, batch / 2, cancellationToken));
        }

        var growth = options.MemoryMinutes > 0 ? await Memory(cluster, cancellationToken) : double.NaN;
        Figures.Print("ingest.copy_per_second", Figures.Median(rounds.Select(round => round.CopyOne)));
        Figures.Print("ingest.http_per_second", batch);
        Figures.Print("ingest.http_over_copy", Figures.Median(rounds.Select(round => round.Batch / round.CopyOne)));
        Figures.Print("ingest.http_over_copy_events_alone", Figures.Median(rounds.Select(round => round.Batch / round.CopyEvents)));
        Figures.Print("ingest.http_over_copy_two", Figures.Median(rounds.Select(round => round.Batch / round.CopyTwo)));
        Figures.Print("ingest.single_per_second", Figures.Median(rounds.Select(round => round.Single)));
        Figures.Print("ingest.event_to_balance_p99_ms", Figures.Median(lags));
        Figures.Print("ingest.rss_growth_mb_10min", growth);
    }

    private async Task<Round> RunRound(BenchCluster cluster, CancellationToken cancellationToken)
    {
        var copyOne = await Floor(cluster, 1, withKeys: true, cancellationToken);
        var copyTwo = await Floor(cluster, 2, withKeys: true, cancellationToken);
        var copyEvents = await Floor(cluster, 1, withKeys: false, cancellationToken);
        await using var bench = await BenchHost.Start(cluster, "api", cancellationToken);
        await Batches(bench, WarmUpSeconds, cancellationToken);
        var before = bench.Cpu();
        var batch = await Batches(bench, options.Seconds, cancellationToken);
        Print($"  batches, {bench.Cpu().PerEventSince(before, batch * options.Seconds)}");
        await Singles(bench, WarmUpSeconds, cancellationToken);
        before = bench.Cpu();
        var single = await Singles(bench, options.Seconds, cancellationToken);
        Print($"  singles, {bench.Cpu().PerEventSince(before, single.PerSecond * options.Seconds)}");
        await bench.RequireEveryEventOnce(cancellationToken);
        return new Round(copyOne, copyTwo, copyEvents, batch, single.PerSecond, single.P50, single.P99);
    }

    private async Task<double> Floor(BenchCluster cluster, int connections, bool withKeys, CancellationToken cancellationToken)
    {
        var database = await cluster.CreateDatabase();
        var rows = await CopyFloor.Run(database, connections, withKeys, options.Seconds, cancellationToken);
        await cluster.Drop(database);
        return rows;
    }

    private static async Task<double> Batches(BenchHost bench, int seconds, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var sent = await Task.WhenAll(Enumerable.Range(0, BatchConnections).Select(lane => Task.Run(
            async () =>
            {
                var load = bench.Load(lane, BatchEvents, isBatch: true);
                using var connection = await LoadConnection.Open(bench.Address, cancellationToken);
                long events = 0;
                while (clock.Elapsed.TotalSeconds < seconds)
                {
                    await bench.Send(connection, load, cancellationToken);
                    events += BatchEvents;
                }

                return events;
            },
            cancellationToken)));
        return sent.Sum() / clock.Elapsed.TotalSeconds;
    }

    private static async Task<(double PerSecond, double P50, double P99)> Singles(
        BenchHost bench,
        int seconds,
        CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var lanes = await Task.WhenAll(Enumerable.Range(0, SingleConnections).Select(lane => Task.Run(
            async () =>
            {
                var load = bench.Load(lane, 1, isBatch: false);
                using var connection = await LoadConnection.Open(bench.Address, cancellationToken);
                var times = new List<double>();
                while (clock.Elapsed.TotalSeconds < seconds)
                {
                    var started = Stopwatch.GetTimestamp();
                    await bench.Send(connection, load, cancellationToken);
                    times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                }

                return times;
            },
            cancellationToken)));
        var all = lanes.SelectMany(times => times).ToArray();
        return (all.Length / clock.Elapsed.TotalSeconds, Figures.Percentile(all, 0.50), Figures.Percentile(all, 0.99));
    }

    private async Task<double> LagOnce(BenchCluster cluster, double eventsPerSecond, CancellationToken cancellationToken)
    {
        await using var bench = await BenchHost.Start(cluster, "api,worker", cancellationToken);
        await Batches(bench, WarmUpSeconds, cancellationToken);
        await bench.UntilBalanced(cancellationToken);
        var lag = new LagProbe(bench);
        var times = await lag.Run(eventsPerSecond, options.Seconds, cancellationToken);
        await bench.UntilBalanced(cancellationToken);
        Print(string.Create(
            CultureInfo.InvariantCulture,
            $"event to balance at {eventsPerSecond:0} events/s: p50 {Figures.Percentile(times, 0.5):0.0} ms, "
            + $"p99 {Figures.Percentile(times, 0.99):0.0} ms, {times.Count} batches"));
        return Figures.Percentile(times, 0.99);
    }

    private async Task<double> Memory(BenchCluster cluster, CancellationToken cancellationToken)
    {
        const double eventsPerSecond = 10_000;
        await using var bench = await BenchHost.Start(cluster, "api,worker", cancellationToken);
        await Batches(bench, options.Seconds, cancellationToken);
        await new LagProbe(bench).Run(eventsPerSecond, 60, cancellationToken);
        var before = bench.ResidentMegabytes();
        for (var minute = 1; minute <= options.MemoryMinutes; minute++)
        {
            await new LagProbe(bench).Run(eventsPerSecond, 60, cancellationToken);
            Print($"memory after {minute} min at {eventsPerSecond:0} events/s: {bench.ResidentMegabytes():0} MB (began at {before:0})");
        }

        return bench.ResidentMegabytes() - before;
    }

    private static void Print(string line) => Console.WriteLine(line);

    private sealed record Round(
        double CopyOne,
        double CopyTwo,
        double CopyEvents,
        double Batch,
        double Single,
        double SingleP50,
        double SingleP99);
}
