using System.Text.Json;
using System.Threading.Channels;

namespace Quoin.Cli;

/// <summary>What to replay, and how.</summary>
/// <param name="Trace">The calls.</param>
/// <param name="Source">The events' CloudEvents source.</param>
/// <param name="Model">The model that answered the calls.</param>
public sealed record ReplaySettings(AzureTrace Trace, string Source, string Model)
{
    /// <summary>Events in one request.</summary>
    public int Batch { get; init; } = Limits.BatchDefault;

    /// <summary>Requests at once.</summary>
    public int Connections { get; init; } = Limits.ConnectionsDefault;

    /// <summary>Times the trace's own pace; null as fast as it goes.</summary>
    public double? Speed { get; init; }

    /// <summary>Names a shuffled order; null keeps the file's.</summary>
    public int? ShuffleSeed { get; init; }

    /// <summary>Whether everything is sent twice.</summary>
    public bool IsTwice { get; init; }

    /// <summary>How many events of the order to leave out: they were sent before.</summary>
    public int Skip { get; init; }
}

/// <summary>Every way a replay can end.</summary>
public abstract record ReplayOutcome
{
    private ReplayOutcome()
    {
    }

    /// <summary>Everything was sent and has a verdict.</summary>
    public sealed record Finished : ReplayOutcome;

    /// <summary>The server refuses a request as a whole: a wrong key, no such organisation.</summary>
    public sealed record Refused(string Message) : ReplayOutcome;

    /// <summary>The server stayed busy or away.</summary>
    public sealed record GaveUp(string Message) : ReplayOutcome;

    /// <summary>It was told to stop.</summary>
    public sealed record Stopped : ReplayOutcome;
}

/// <summary>
/// Sends a trace through the public API: (1) one order of all rows; (2) cut into batches, each when it is due;
/// (3) several connections take the next batch each; (4) verdicts are counted. Ids derive from the file and the line,
/// so whatever is sent again counts once.
/// </summary>
public sealed class Replay(ReplaySettings settings, ApiClient api, TimeProvider time)
{
    private readonly int[] order = ReplayPlan.Order(settings.Trace.Rows.Count, settings.IsTwice, settings.ShuffleSeed);
    private readonly Lock gate = new();
    private readonly SortedSet<(int Start, int End)> done = [];
    private readonly UsageEventWriter events = new(settings.Source);

    /// <summary>What became of the events.</summary>
    public SendTally Tally { get; } = new();

    /// <summary>How many events there are to send, less those left out.</summary>
    public int Count => Math.Max(0, order.Length - settings.Skip);

    /// <summary>How many events of the order certainly have a verdict: where to go on.</summary>
    public int Position { get; private set; } = settings.Skip;

    /// <summary>Sends everything, or as much as it can.</summary>
    /// <param name="onProgress">Called after each batch, from any connection.</param>
    /// <param name="cancellationToken">Stops; what was sent stays.</param>
    public async Task<ReplayOutcome> Run(Action onProgress, CancellationToken cancellationToken)
    {
        using var failing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var batches = Channel.CreateBounded<ReplayBatch>(settings.Connections);
        var producing = Produce(batches.Writer, failing.Token);
        var workers = Enumerable.Range(0, settings.Connections)
            .Select(_ => Work(batches.Reader, onProgress, failing))
            .ToArray();
        var outcomes = await Task.WhenAll(workers);
        await producing;
        return outcomes.FirstOrDefault(outcome => outcome is ReplayOutcome.Refused or ReplayOutcome.GaveUp)
            ?? outcomes.FirstOrDefault(outcome => outcome is ReplayOutcome.Stopped)
            ?? new ReplayOutcome.Finished();
    }

    private async Task Produce(ChannelWriter<ReplayBatch> batches, CancellationToken cancellationToken)
    {
        try
        {
            var started = time.GetTimestamp();
            for (var (number, start) = (0, settings.Skip); start < order.Length; number++)
            {
                var count = await NextCount(start, started, cancellationToken);
                await batches.WriteAsync(new ReplayBatch(number, start, count), cancellationToken);
                start += count;
            }
        }
        catch (OperationCanceledException)
        {
            // The workers stop for the same reason and say so.
        }
        finally
        {
            batches.Complete();
        }
    }

    private async ValueTask<int> NextCount(int start, long started, CancellationToken cancellationToken)
    {
        var most = Math.Min(settings.Batch, order.Length - start);
        if (settings.Speed is not { } speed)
        {
            return most;
        }

        var first = settings.Trace.Rows[order[settings.Skip]].Time;
        TimeSpan Due(int place) => ReplayPlan.DueAfter(first, settings.Trace.Rows[order[place]].Time, speed);
        var wait = Due(start) - time.GetElapsedTime(started);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken);
        }

        var until = time.GetElapsedTime(started) + Limits.PaceStep;
        var count = 1;
        while (count < most && Due(start + count) <= until)
        {
            count++;
        }

        return count;
    }

    private async Task<ReplayOutcome> Work(
        ChannelReader<ReplayBatch> batches, Action onProgress, CancellationTokenSource failing)
    {
        try
        {
            await foreach (var batch in batches.ReadAllAsync(failing.Token))
            {
                // A batch that waited already comes out of the channel without a look at the token.
                failing.Token.ThrowIfCancellationRequested();
                var outcome = await api.Send(
                    HttpMethod.Post, "/v1/events", Body(batch), UsageEventWriter.BatchMedia, failing.Token);
                if (outcome is not ApiOutcome.Answered answered)
                {
                    await failing.CancelAsync();
                    return outcome is ApiOutcome.Refused refused
                        ? new ReplayOutcome.Refused(refused.Message)
                        : new ReplayOutcome.GaveUp(((ApiOutcome.Unavailable)outcome).Message);
                }

                Tally.Add(JsonSerializer.Deserialize<BatchAnswer>(answered.Body, ApiJson.Options)!);
                Done(batch);
                onProgress();
            }

            return new ReplayOutcome.Finished();
        }
        catch (OperationCanceledException)
        {
            return new ReplayOutcome.Stopped();
        }
    }

    private ReadOnlyMemory<byte> Body(ReplayBatch batch) => events.Batch(new ArraySegment<int>(order, batch.Start, batch.Count)
        .Select(index => settings.Trace.Rows[index])
        .Select(row => new CompletionEvent(
            settings.Trace.EventIdOf(row), row.Time, null, settings.Model, row.InputTokens, row.OutputTokens)));

    // Connections overtake each other; only what has no gap before it is certain.
    private void Done(ReplayBatch batch)
    {
        lock (gate)
        {
            done.Add((batch.Start, batch.Start + batch.Count));
            while (done.Count > 0 && done.Min.Start == Position)
            {
                Position = done.Min.End;
                done.Remove(done.Min);
            }
        }
    }
}
