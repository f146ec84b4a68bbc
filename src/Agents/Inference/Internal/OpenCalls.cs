using System.Collections.Concurrent;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;

namespace Quoin.Inference.Internal;

/// <summary>What was set aside for a call that this host has admitted.</summary>
/// <param name="Policy">What its caller is held to.</param>
/// <param name="Amount">How much is reserved; zero where there was nothing to reserve.</param>
/// <param name="Hold">The hold its usage will name; null where there is none.</param>
/// <param name="Balance">What was left to spend then; null where nobody counts it.</param>
/// <param name="IsFree">Whether it costs nothing because nothing prices its models, as somebody decided.</param>
internal sealed record OpenCall(KeyPolicy Policy, Money Amount, string? Hold, Money? Balance, bool IsFree)
{
    /// <summary>What settles the reservation without looking it up.</summary>
    public SpendTicket? Ticket { get; init; }
}

/// <summary>The calls this host has admitted and not settled yet: what lies between the two seams.</summary>
internal sealed class OpenCalls
{
    private readonly ConcurrentDictionary<CallId, OpenCall> calls = new();
    private readonly ConcurrentDictionary<CallId, Task> settling = new();
    private readonly Lock gate = new();
    private readonly Dictionary<KeyId, int> running = [];

    public void Add(CallId id, OpenCall call) => calls[id] = call;

    public OpenCall? Find(CallId id) => calls.GetValueOrDefault(id);

    /// <summary>Takes a call out, as it is over; null where it was not admitted here, or is over already.</summary>
    public OpenCall? Take(CallId id)
    {
        if (!calls.TryRemove(id, out var call))
        {
            return null;
        }

        Leave(call.Policy);
        return call;
    }

    /// <summary>Notes that a call is over and about to be written down.</summary>
    /// <param name="id">The call.</param>
    /// <param name="committed">Ends when it is.</param>
    public void AddSettling(CallId id, Task committed)
    {
        settling[id] = committed;
        if (committed.IsCompleted)
        {
            EndSettling(id);
        }
    }

    /// <summary>Notes that a call is written down, or never will be.</summary>
    public void EndSettling(CallId id) => settling.TryRemove(id, out _);

    /// <summary>Waits a little for a call that was answered here and is about to be written down; whether there was one.</summary>
    public async ValueTask<bool> Settled(CallId id, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!settling.TryGetValue(id, out var committed))
        {
            return false;
        }

        await committed.WaitAsync(Limits.SettlementAwaited, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return true;
    }

    /// <summary>Counts a call among those that run at the same time; whether its policy allows one more.</summary>
    public bool TryEnter(KeyPolicy policy)
    {
        if (policy is not { ParallelMax: { } max, Root: { } key })
        {
            return true;
        }

        lock (gate)
        {
            var count = running.GetValueOrDefault(key);
            if (count >= max)
            {
                return false;
            }

            running[key] = count + 1;
            return true;
        }
    }

    /// <summary>Counts a call no more.</summary>
    public void Leave(KeyPolicy policy)
    {
        if (policy is not { ParallelMax: not null, Root: { } key })
        {
            return;
        }

        lock (gate)
        {
            if (running.GetValueOrDefault(key) is var count and > 1)
            {
                running[key] = count - 1;
            }
            else
            {
                running.Remove(key);
            }
        }
    }
}
