using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>Work that can be flushed together with others of its kind.</summary>
public interface IGroupWork
{
    /// <summary>Whose work it is; an organisation's own work keeps its order.</summary>
    OrgId Org { get; }

    /// <summary>How much of a group it fills: rows, usually.</summary>
    int Weight { get; }
}

/// <summary>How a group commit behaves.</summary>
/// <param name="Writers">Flushes that run at the same time; each uses one connection.</param>
/// <param name="MaxGroupWeight">A group stops growing here, so that one flush stays a few tens of milliseconds.</param>
/// <param name="MaxQueuedWeight">Work that may wait; beyond it callers are told to come back.</param>
public sealed record GroupCommitOptions(int Writers, int MaxGroupWeight, int MaxQueuedWeight);

/// <summary>
/// Gathers concurrent callers' work into set-based flushes: one transaction for many. While every writer is busy, work
/// gathers by itself, so groups grow with load and an idle system answers at once. Organisations take turns; one
/// poisoned piece of work fails alone.
/// </summary>
/// <typeparam name="TWork">The work; flushing writes its own result into it.</typeparam>
public sealed class GroupCommit<TWork> : IAsyncDisposable
    where TWork : class, IGroupWork
{
    private const int DeadlockRetriesMax = 3;

    private readonly GroupCommitOptions options;
    private readonly Func<IReadOnlyList<TWork>, CancellationToken, Task> flush;
    private readonly Lock gate = new();
    private readonly Dictionary<OrgId, Queue<Waiting>> queues = [];
    private readonly Queue<OrgId> turns = new();
    private readonly SemaphoreSlim available = new(0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Task[] writers;
    private long queuedWeight;

    /// <summary>Starts the writers.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="flush">
    /// Makes a group durable, all or nothing, and leaves each work's result in it. May be called again with the same
    /// work after it threw.
    /// </param>
    public GroupCommit(GroupCommitOptions options, Func<IReadOnlyList<TWork>, CancellationToken, Task> flush)
    {
        (this.options, this.flush) = (options, flush);
        writers = [.. Enumerable.Range(0, options.Writers).Select(_ => Task.Run(Write))];
    }

    /// <summary>Work that waits, in weight.</summary>
    public long QueuedWeight => Interlocked.Read(ref queuedWeight);

    /// <summary>Queues work and waits until its group is durable.</summary>
    /// <returns>
    /// False when the queue is full: nothing was queued, try later. A cancelled wait throws, and the work may still
    /// become durable: callers make it idempotent.
    /// </returns>
    public async ValueTask<bool> Run(TWork work, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(work);
        lock (gate)
        {
            if (stopping.IsCancellationRequested || queuedWeight + work.Weight > options.MaxQueuedWeight)
            {
                return false;
            }

            Interlocked.Add(ref queuedWeight, work.Weight);
            if (!queues.TryGetValue(work.Org, out var queue))
            {
                queues.Add(work.Org, queue = new Queue<Waiting>());
                turns.Enqueue(work.Org);
            }

            queue.Enqueue(waiting);
            available.Release();
        }

        await waiting.Done.Task.WaitAsync(cancellationToken);
        return true;
    }

    /// <summary>Refuses new work, flushes what waits, and stops the writers.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            stopping.Cancel();
        }

        available.Release(options.Writers);
        await Task.WhenAll(writers);
        available.Dispose();
        stopping.Dispose();
    }

    private async Task Write()
    {
        while (true)
        {
            await available.WaitAsync(CancellationToken.None);
            var group = NextGroup();
            if (group.Count > 0)
            {
                await FlushOrSplit(group);
            }
            else if (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    // Organisations take turns, one piece of work each, until the group is full.
    private List<Waiting> NextGroup()
    {
        var group = new List<Waiting>();
        var weight = 0;
        lock (gate)
        {
            while (turns.TryPeek(out var org) && (weight == 0 || weight + queues[org].Peek().Work.Weight <= options.MaxGroupWeight))
            {
                turns.Dequeue();
                var queue = queues[org];
                var waiting = queue.Dequeue();
                group.Add(waiting);
                weight += waiting.Work.Weight;
                if (queue.Count > 0)
                {
                    turns.Enqueue(org);
                }
                else
                {
                    queues.Remove(org);
                }
            }

            Interlocked.Add(ref queuedWeight, -weight);
        }

        // Each piece released the semaphore once; this turn took many pieces for one wait.
        for (var taken = 1; taken < group.Count && available.Wait(0); taken++)
        {
        }

        return group;
    }

    private async Task FlushOrSplit(List<Waiting> group)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await flush([.. group.Select(waiting => waiting.Work)], CancellationToken.None);
                group.ForEach(waiting => waiting.Done.TrySetResult());
                return;
            }
            catch (PostgresException failure) when (IsCollision(failure) && attempt < DeadlockRetriesMax)
            {
                // The other transaction won; this one starts over from nothing.
            }
            catch (PostgresException failure) when (group.Count > 1 && !failure.IsTransient)
            {
                await FlushHalves(group);
                return;
            }
            catch (Exception failure)
            {
                // Not swallowed: every caller of the group receives it.
                group.ForEach(waiting => waiting.Done.TrySetException(failure));
                return;
            }
        }
    }

    private async Task FlushHalves(List<Waiting> group)
    {
        var half = group.Count / 2;
        await FlushOrSplit(group[..half]);
        await FlushOrSplit(group[half..]);
    }

    private static bool IsCollision(PostgresException failure) =>
        failure.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    private sealed class Waiting(TWork work)
    {
        public TWork Work => work;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
