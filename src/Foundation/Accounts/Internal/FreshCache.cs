using System.Collections.Concurrent;

namespace Quoin.Accounts;

/// <summary>
/// What a query answered less than <see cref="Limits.FreshFor"/> ago. Freshness is counted from before the query
/// began, so whatever was committed a second ago is seen on every replica, with no message between them.
/// <list type="number">
/// <item>A fresh answer costs a look into a dictionary; "there is none" is an answer too, remembered apart, so that
/// a flood of wrong keys cannot push the right ones out.</item>
/// <item>An answer in use is read again in the background once it is half-way to stale.</item>
/// <item>Callers who miss the same thing at the same time share one query, unless it has been running for so long
/// that its answer may be stale.</item>
/// </list>
/// </summary>
/// <param name="query">Reads many at once; what it leaves out does not exist.</param>
/// <param name="generationMax">Entries per generation of <see cref="RecentEntries{TKey, TEntry}"/>.</param>
/// <param name="time">Measures ages on its monotonic clock.</param>
internal sealed class FreshCache<TKey, TValue>(
    Func<IReadOnlyList<TKey>, CancellationToken, Task<IReadOnlyDictionary<TKey, TValue>>> query,
    int generationMax,
    TimeProvider time)
    where TKey : notnull
    where TValue : class
{
    private readonly RecentEntries<TKey, Entry> known = new(generationMax);
    private readonly RecentEntries<TKey, Entry> absent = new(generationMax);
    private readonly ConcurrentDictionary<TKey, Reading> readings = new();

    /// <summary>The value, or null where there is none.</summary>
    public ValueTask<TValue?> Find(TKey key, CancellationToken cancellationToken) =>
        Fresh(key) is { } entry ? new ValueTask<TValue?>(entry.Value) : Read(key, cancellationToken);

    /// <summary>The values there are, by key.</summary>
    public async ValueTask<IReadOnlyDictionary<TKey, TValue>> FindMany(
        IReadOnlyCollection<TKey> keys, CancellationToken cancellationToken)
    {
        var found = new Dictionary<TKey, TValue>(keys.Count);
        HashSet<TKey>? missing = null;
        foreach (var key in keys)
        {
            if (Fresh(key) is not { } entry)
            {
                (missing ??= []).Add(key);
            }
            else if (entry.Value is not null)
            {
                found[key] = entry.Value;
            }
        }

        if (missing is null)
        {
            return found;
        }

        foreach (var reading in Begin([.. missing]))
        {
            var answer = await reading.Answer.WaitAsync(cancellationToken);
            foreach (var key in missing)
            {
                if (answer.TryGetValue(key, out var value))
                {
                    found[key] = value;
                }
            }
        }

        return found;
    }

    /// <summary>Reads it anew next time: called after this replica itself changed it.</summary>
    public void Forget(TKey key)
    {
        // A query that runs now may have begun before the change: its answer must not be remembered.
        readings.TryRemove(key, out _);
        known.Remove(key);
        absent.Remove(key);
    }

    private Entry? Fresh(TKey key)
    {
        var entry = known.Find(key) ?? absent.Find(key);
        if (entry is null)
        {
            return null;
        }

        var age = time.GetElapsedTime(entry.ReadAt);
        if (age >= Limits.FreshFor)
        {
            return null;
        }

        if (age >= Limits.RefreshAfter && entry.ClaimRefresh())
        {
            // Should this query fail, whoever finds the entry stale asks again and is told.
            _ = Task.Run(() => Begin([key]));
        }

        return entry;
    }

    private async ValueTask<TValue?> Read(TKey key, CancellationToken cancellationToken)
    {
        var answer = await Begin([key])[0].Answer.WaitAsync(cancellationToken);
        return answer.GetValueOrDefault(key);
    }

    // Joins the queries that run for some of the keys and starts one for the rest.
    private List<Reading> Begin(IReadOnlyList<TKey> keys)
    {
        var mine = new Reading(time.GetTimestamp());
        var mineKeys = new List<TKey>(keys.Count);
        var all = new List<Reading>();
        foreach (var key in keys)
        {
            var reading = readings.AddOrUpdate(
                key, mine, (_, running) => time.GetElapsedTime(running.StartedAt) < Limits.FreshFor ? running : mine);
            if (ReferenceEquals(reading, mine))
            {
                mineKeys.Add(key);
            }
            else if (!all.Contains(reading))
            {
                all.Add(reading);
            }
        }

        if (mineKeys.Count > 0)
        {
            all.Add(mine);
            _ = Run(mine, mineKeys);
        }

        return all;
    }

    // Shared by all who wait for it, so no one caller's token ends it; the connection's own timeouts do.
    private async Task Run(Reading reading, List<TKey> keys)
    {
        var remembered = JustRead(keys);
        var asked = remembered is null ? query(keys, CancellationToken.None) : Task.FromResult(remembered);
        await ((Task)asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var key in keys)
        {
            if (remembered is null && asked.IsCompletedSuccessfully)
            {
                Remember(key, reading, asked.Result.GetValueOrDefault(key));
            }
            else
            {
                readings.TryRemove(KeyValuePair.Create(key, reading));
            }
        }

        // Success and failure alike go to everyone who waits.
        reading.Complete(asked);
    }

    // Between a caller's look and its query another one's may have ended: then that answer is the answer, and as old as
    // it is.
    private IReadOnlyDictionary<TKey, TValue>? JustRead(List<TKey> keys)
    {
        var remembered = new Dictionary<TKey, TValue>(keys.Count);
        foreach (var key in keys)
        {
            var entry = known.Find(key) ?? absent.Find(key);
            if (entry is null || time.GetElapsedTime(entry.ReadAt) >= Limits.RefreshAfter)
            {
                return null;
            }

            if (entry.Value is not null)
            {
                remembered.Add(key, entry.Value);
            }
        }

        return remembered;
    }

    private void Remember(TKey key, Reading reading, TValue? value)
    {
        var (into, from) = value is null ? (absent, known) : (known, absent);
        into.Put(key, new Entry(value, reading.StartedAt));
        from.Remove(key);
        if (!readings.TryRemove(KeyValuePair.Create(key, reading)))
        {
            // Forgotten, or overtaken by a later query, while this one ran.
            into.Remove(key);
        }
    }

    private sealed class Entry(TValue? value, long readAt)
    {
        private int refreshing;

        public TValue? Value => value;

        public long ReadAt => readAt;

        public bool ClaimRefresh() => Interlocked.Exchange(ref refreshing, 1) == 0;
    }

    private sealed class Reading(long startedAt)
    {
        private readonly TaskCompletionSource<IReadOnlyDictionary<TKey, TValue>> answer =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long StartedAt => startedAt;

        public Task<IReadOnlyDictionary<TKey, TValue>> Answer => answer.Task;

        public void Complete(Task<IReadOnlyDictionary<TKey, TValue>> asked) => answer.SetFromTask(asked);
    }
}
