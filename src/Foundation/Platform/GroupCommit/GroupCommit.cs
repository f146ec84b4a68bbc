using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>Work that can be flushed together with others of its kind.</summary>
public interface IGroupWork
{
    /// <summary>Whose work it is: organisations take turns. With one writer an organisation's own keeps its order.</summary>
    OrgId Org { get; }

    /// <summary>How much of a group it fills: rows, usually.</summary>
    int Weight { get; }
}

/// <summary>How a group commit behaves.</summary>
/// <param name="Writers">
/// Flushes that run at the same time at most; each uses one connection. More than one may overtake each other, even
/// with work of one organisation.
/// </param>
/// <param name="MaxGroupWeight">A group stops growing here, so that one flush stays a few tens of milliseconds.</param>
/// <param name="MaxQueuedWeight">Work that may wait; beyond it callers are told to come back.</param>
/// <param name="FurtherWriterWeight">
/// So much must wait before a further writer starts: below it, one larger group costs less than two small ones.
/// </param>
public sealed record GroupCommitOptions(int Writers, int MaxGroupWeight, int MaxQueuedWeight, int FurtherWriterWeight)
{
    /// <summary>How long work that can wait is kept for company.</summary>
    public TimeSpan PatienceLongest { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Whether callers come back as soon as they are answered: then a writer waits a moment for them.</summary>
    public bool CallersReturn { get; init; } = true;
}

/// <summary>
/// Gathers concurrent callers' work into set-based flushes: one transaction for many. While a flush runs, work gathers by
/// itself, so groups grow with load and an idle system answers at once. Organisations take turns; one poisoned piece of
/// work fails alone.
/// </summary>
/// <typeparam name="TWork">The work; flushing writes its own result into it.</typeparam>
public sealed class GroupCommit<TWork> : IAsyncDisposable
    where TWork : class, IGroupWork
{
    private const int DeadlockRetriesMax = 3;
    private const int GatherTurnsMax = 50;

    // One or two callers who come back after a while are not worth the wait; who comes at once finds others anyway.
    private const int GatheredLeast = 3;

    private readonly GroupCommitOptions options;
    private readonly Func<IReadOnlyList<TWork>, CancellationToken, Task> flush;
    private readonly Lock gate = new();
    private readonly Dictionary<OrgId, Queue<Waiting>> queues = [];
    private readonly Queue<OrgId> turns = new();
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly KeptConnections? connections;
    private readonly Timer patience;
    private int running;
    private int urgentCount;
    private bool isPatienceOver = true;
    private long queuedWeight;
    private int waitingCount;
    private bool isStopping;

    /// <summary>Takes work from now on.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="flush">
    /// Makes a group durable, all or nothing, and leaves each work's result in it. May be called again with the same
    /// work after it threw.
    /// </param>
    public GroupCommit(GroupCommitOptions options, Func<IReadOnlyList<TWork>, CancellationToken, Task> flush)
    {
        (this.options, this.flush) = (options, flush);
        patience = new Timer(
            static group => ((GroupCommit<TWork>)group!).EndPatience(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Takes work from now on, and gives each flush a connection, which it keeps for the next one.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="database">Where connections come from; at most one a writer.</param>
    /// <param name="flush">As in the other; the connection is in no transaction.</param>
    public GroupCommit(
        GroupCommitOptions options,
        NpgsqlDataSource database,
        Func<NpgsqlConnection, IReadOnlyList<TWork>, CancellationToken, Task> flush)
        : this(options, new KeptConnections(database, PostgresLimits.KeptIdleLongest), flush)
    {
    }

    private GroupCommit(
        GroupCommitOptions options,
        KeptConnections connections,
        Func<NpgsqlConnection, IReadOnlyList<TWork>, CancellationToken, Task> flush)
        : this(
            options,
            (works, cancellationToken) => connections.Use(
                connection => flush(connection, works, cancellationToken), cancellationToken)) =>
        this.connections = connections;

    /// <summary>Work that waits, in weight.</summary>
    public long QueuedWeight => Interlocked.Read(ref queuedWeight);

    /// <summary>Queues work and waits until its group is durable.</summary>
    /// <returns>
    /// False when the queue is full: nothing was queued, try later. A cancelled wait throws, and the work may still
    /// become durable: callers make it idempotent.
    /// </returns>
    public ValueTask<bool> Run(TWork work, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(work, isUrgent: true);
        return TryEnqueue(waiting) ? new(waiting.Done.WaitAsync(cancellationToken)) : new(result: false);
    }

    /// <summary>
    /// Queues work that is in no hurry: it is flushed with the next work that is, or with others of its kind after
    /// <see cref="GroupCommitOptions.PatienceLongest"/>. Work that comes later is never flushed before it.
    /// </summary>
    /// <returns>Ends when it is durable; false when the queue is full, as with <see cref="Run"/>.</returns>
    public Task<bool> RunPatiently(TWork work)
    {
        var waiting = new Waiting(work, isUrgent: false);
        return TryEnqueue(waiting) ? waiting.Done : Task.FromResult(false);
    }

    /// <summary>Refuses new work and waits until all that was queued is flushed.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            isStopping = true;
            if (turns.Count == 0 && running == 0)
            {
                stopped.TrySetResult();
            }

            Hurry();
        }

        await stopped.Task;
        await patience.DisposeAsync();
        if (connections is not null)
        {
            await connections.DisposeAsync();
        }
    }

    private bool TryEnqueue(Waiting waiting)
    {
        var work = waiting.Work;
        var starts = false;
        lock (gate)
        {
            if (isStopping || queuedWeight + work.Weight > options.MaxQueuedWeight)
            {
                return false;
            }

            Interlocked.Add(ref queuedWeight, work.Weight);
            waitingCount++;
            if (!queues.TryGetValue(work.Org, out var queue))
            {
                queues.Add(work.Org, queue = new Queue<Waiting>());
                turns.Enqueue(work.Org);
            }

            queue.Enqueue(waiting);
            if (waiting.IsUrgent)
            {
                urgentCount++;
                starts = TryStart();
            }
            else
            {
                Wait();
            }
        }

        if (starts)
        {
            // On the caller's thread, which would only wait for another one to begin.
            _ = Write();
        }

        return true;
    }

    // Whether another writer is wanted; whoever asked lets it run, outside the gate.
    private bool TryStart()
    {
        if (running > 0 && (running >= options.Writers || queuedWeight < options.FurtherWriterWeight))
        {
            return false;
        }

        running++;
        return true;
    }

    private void Hurry()
    {
        isPatienceOver = true;
        if (turns.Count > 0 && TryStart())
        {
            _ = Task.Run(Write, CancellationToken.None);
        }
    }

    private void Wait()
    {
        if (isPatienceOver)
        {
            isPatienceOver = false;
            patience.Change(options.PatienceLongest, Timeout.InfiniteTimeSpan);
        }
    }

    private void EndPatience()
    {
        lock (gate)
        {
            Hurry();
        }
    }

    // A writer lives while there is work for it; FlushOrSplit hands every failure to the callers, so it never throws.
    private async Task Write()
    {
        var group = NextGroup();
        while (group is not null)
        {
            await FlushOrSplit(group);
            var waited = group.FindAll(waiting => waiting.IsUrgent);
            foreach (var waiting in group)
            {
                if (waited.Count != 1 || !waiting.IsUrgent)
                {
                    waiting.EndElsewhere();
                }
            }

            if (options.CallersReturn && group.Count >= GatheredLeast)
            {
                await Gather(group.Count);
            }

            group = NextGroup();
            if (waited is not [var alone])
            {
                continue;
            }

            if (group is null)
            {
                // There is nothing else for this thread to do, and another would have to be woken.
                alone.End();
            }
            else
            {
                alone.EndElsewhere();
            }
        }
    }

    // Callers who were just answered often come back at once: a few turns of the thread pool, some microseconds each, let
    // them into the next group. Else two half groups would take turns for ever, at twice the cost.
    private async Task Gather(int expected)
    {
        for (var turn = 0; turn < GatherTurnsMax && Volatile.Read(ref waitingCount) < expected; turn++)
        {
            await Task.Yield();
        }
    }

    // Organisations take turns, one piece of work each, until the group is full. Null ends the writer.
    private List<Waiting>? NextGroup()
    {
        lock (gate)
        {
            var isNothingUrgent = urgentCount == 0 && !isPatienceOver && !isStopping;
            if (turns.Count == 0 || isNothingUrgent || (running > 1 && queuedWeight < options.FurtherWriterWeight))
            {
                running--;
                if (isStopping && running == 0)
                {
                    stopped.TrySetResult();
                }

                return null;
            }

            var group = new List<Waiting>();
            var weight = 0;
            while (turns.TryPeek(out var org) && (weight == 0 || weight + queues[org].Peek().Work.Weight <= options.MaxGroupWeight))
            {
                turns.Dequeue();
                var queue = queues[org];
                var waiting = queue.Dequeue();
                group.Add(waiting);
                weight += waiting.Work.Weight;
                urgentCount -= waiting.IsUrgent ? 1 : 0;
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
            waitingCount -= group.Count;
            return group;
        }
    }

    private async Task FlushOrSplit(List<Waiting> group)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await flush([.. group.Select(waiting => waiting.Work)], CancellationToken.None);
                return;
            }
            catch (PostgresException failure) when (IsCollision(failure) && attempt < DeadlockRetriesMax)
            {
                // The other transaction won; this one starts over from nothing.
            }
            catch (Exception failure) when (group.Count > 1 && !IsInfrastructure(failure))
            {
                await FlushHalves(group);
                return;
            }
            catch (Exception failure)
            {
                // Not swallowed: every caller of the group receives it.
                group.ForEach(waiting => waiting.Failure = failure);
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

    // Lost infrastructure fails all work alike; anything else may be the doing of one piece.
    private static bool IsInfrastructure(Exception failure) =>
        TransientFailure.Is(failure) || failure is NpgsqlException and not PostgresException;

    private static bool IsCollision(PostgresException failure) =>
        failure.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    private sealed class Waiting(TWork work, bool isUrgent) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource<bool> done = new();

        public TWork Work => work;

        public bool IsUrgent => isUrgent;

        /// <summary>Why it was not flushed, once that was tried.</summary>
        public Exception? Failure { get; set; }

        public Task<bool> Done => done.Task;

        /// <summary>Tells whoever waits, and does what they do next.</summary>
        public void End()
        {
            if (Failure is { } failure)
            {
                done.SetException(failure);
            }
            else
            {
                done.SetResult(true);
            }
        }

        /// <summary>Tells whoever waits, who goes on on another thread.</summary>
        public void EndElsewhere() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

        void IThreadPoolWorkItem.Execute() => End();
    }
}
