namespace Quoin.Cli;

/// <summary>Streams the demo's calls through the public API: the past quickly, then the present as it happens.</summary>
/// <param name="workload">The calls.</param>
/// <param name="api">The API, with a key of the demo organisation.</param>
/// <param name="time">What time it is.</param>
public sealed class DemoStream(DemoWorkload workload, ApiClient api, TimeProvider time)
{
    private readonly UsageEventWriter events = new(workload.Source);

    /// <summary>What became of the events.</summary>
    public SendTally Tally { get; } = new();

    /// <summary>Sends calls of the past. What an earlier run sent counts once.</summary>
    /// <param name="history">The calls.</param>
    /// <param name="tell">Told the number of events done.</param>
    /// <param name="cancellationToken">Stops; what was sent stays.</param>
    public Task Backfill(IReadOnlyList<CompletionEvent> history, Action<long> tell, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            history.Chunk(Limits.BatchDefault),
            new ParallelOptions { MaxDegreeOfParallelism = Limits.ConnectionsDefault, CancellationToken = cancellationToken },
            async (calls, stop) =>
            {
                await Send(calls, stop);
                tell(Tally.Total);
            });

    /// <summary>The calls of the past days up to now.</summary>
    public IReadOnlyList<CompletionEvent> History(int days)
    {
        var now = time.GetUtcNow();
        return [.. workload.History(now.AddDays(-days), now)];
    }

    /// <summary>Sends each second's calls when the second is over, until it is told to stop.</summary>
    public async Task Live(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var calls = workload.Second(time.GetUtcNow().AddSeconds(-1));
            if (calls.Count > 0)
            {
                await Send(calls, cancellationToken);
            }
        }
    }

    private async Task Send(IEnumerable<CompletionEvent> calls, CancellationToken cancellationToken) =>
        Tally.Add(await api.SendBatch(events.Batch(calls), cancellationToken));
}
