using System.Collections.Concurrent;
using System.Diagnostics;

namespace Quoin.Bench.Ingest;

/// <summary>
/// Sends batches at a fixed rate, one connection an organisation, and watches the books: a batch's lag runs from just
/// before it is sent until the organisation's revenue holds everything sent up to and with it.
/// </summary>
internal sealed class LagProbe(BenchHost bench)
{
    private const int BatchEvents = 1_000;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(4);

    private readonly ConcurrentQueue<(long Sent, long Target)>[] waiting =
        [.. Enumerable.Range(0, BenchHost.Organisations).Select(_ => new ConcurrentQueue<(long, long)>())];

    public async Task<List<double>> Run(double eventsPerSecond, int seconds, CancellationToken cancellationToken)
    {
        var start = await bench.Revenue(cancellationToken);
        using var done = new CancellationTokenSource();
        var watching = Watch(done.Token, cancellationToken);
        var clock = Stopwatch.StartNew();
        var every = TimeSpan.FromSeconds(BatchEvents * BenchHost.Organisations / eventsPerSecond);
        await Task.WhenAll(Enumerable.Range(0, BenchHost.Organisations).Select(lane =>
            Task.Run(() => Send(lane, start[lane], every, clock, seconds, cancellationToken), cancellationToken)));
        await done.CancelAsync();
        return await watching;
    }

    private async Task Send(int lane, long start, TimeSpan every, Stopwatch clock, int seconds, CancellationToken cancellationToken)
    {
        var load = bench.Load(lane, BatchEvents, isBatch: true);
        using var connection = await LoadConnection.Open(bench.Address, cancellationToken);
        var target = start;

        // Lanes are spread over the interval, as independent senders are.
        var next = every * lane / BenchHost.Organisations;
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            var wait = next - clock.Elapsed;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, cancellationToken);
            }

            target += BatchEvents * EventLoad.MicrosPerEvent;
            waiting[lane].Enqueue((Stopwatch.GetTimestamp(), target));
            await bench.Send(connection, load, cancellationToken);
            next += every;
        }
    }

    private async Task<List<double>> Watch(CancellationToken done, CancellationToken cancellationToken)
    {
        var lags = new List<double>();
        while (!done.IsCancellationRequested || waiting.Any(queue => !queue.IsEmpty))
        {
            var revenue = await bench.Revenue(cancellationToken);
            var seen = Stopwatch.GetTimestamp();
            for (var lane = 0; lane < waiting.Length; lane++)
            {
                while (waiting[lane].TryPeek(out var batch) && revenue[lane] >= batch.Target && waiting[lane].TryDequeue(out _))
                {
                    lags.Add(Stopwatch.GetElapsedTime(batch.Sent, seen).TotalMilliseconds);
                }
            }

            await Task.Delay(LookEvery, cancellationToken);
        }

        return lags;
    }
}
