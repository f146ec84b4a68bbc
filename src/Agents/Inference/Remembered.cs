using System.Collections.Concurrent;

namespace Quoin.Inference;

/// <summary>
/// What was read of some things, believed for a while. Who finds a reading half-way to stale has it read again in the
/// background, so that as a rule nobody waits; one reading serves all who ask meanwhile; and what was forgotten is never
/// brought back by a reading that began before.
/// </summary>
/// <typeparam name="TKey">What things go by.</typeparam>
/// <typeparam name="TValue">What is known of one.</typeparam>
public sealed class Remembered<TKey, TValue>
    where TKey : notnull
{
    private readonly Func<TKey, Task<TValue>> read;
    private readonly TimeSpan freshFor;
    private readonly int keysMax;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<TKey, Reading> readings = new();

    /// <summary>Remembers nothing yet.</summary>
    /// <param name="read">Reads of one thing. It serves many who ask, so it is nobody's to cancel.</param>
    /// <param name="freshFor">How long a reading is believed, from its beginning.</param>
    /// <param name="keysMax">Things remembered at once; beyond, all are forgotten.</param>
    /// <param name="time">The clock.</param>
    public Remembered(Func<TKey, Task<TValue>> read, TimeSpan freshFor, int keysMax, TimeProvider time) =>
        (this.read, this.freshFor, this.keysMax, this.time) = (read, freshFor, keysMax, time);

    /// <summary>What is known of a thing, no older than it may be.</summary>
    /// <param name="key">The thing.</param>
    /// <param name="cancellationToken">Stops waiting; the reading goes on.</param>
    public ValueTask<TValue> Of(TKey key, CancellationToken cancellationToken)
    {
        var reading = readings.TryGetValue(key, out var known) && Age(known) < freshFor ? known : Start(key);
        var value = reading.Value.Value;
        if (!value.IsCompletedSuccessfully)
        {
            return new ValueTask<TValue>(Wait(key, reading, cancellationToken));
        }

        if (Age(reading) >= freshFor / 2 && reading.ClaimRefresh())
        {
            _ = Refresh(key, reading);
        }

        return new ValueTask<TValue>(value.Result);
    }

    /// <summary>Reads one anew next time: called after this replica changed it.</summary>
    public void Forget(TKey key) => readings.TryRemove(key, out _);

    /// <summary>Reads all anew next time.</summary>
    public void ForgetAll() => readings.Clear();

    private Reading Start(TKey key)
    {
        if (readings.Count >= keysMax)
        {
            readings.Clear();
        }

        var reading = new Reading(time.GetTimestamp(), new Lazy<Task<TValue>>(() => read(key)));
        return readings.AddOrUpdate(key, reading, (_, there) => Age(there) < freshFor ? there : reading);
    }

    // Should it fail, whoever finds the reading stale reads anew and is told.
    private async Task Refresh(TKey key, Reading old)
    {
        var readAt = time.GetTimestamp();
        var reading = Task.Run(() => read(key));
        await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (reading.IsCompletedSuccessfully)
        {
            readings.TryUpdate(key, new Reading(readAt, new Lazy<Task<TValue>>(reading)), old);
        }
    }

    private async Task<TValue> Wait(TKey key, Reading reading, CancellationToken cancellationToken)
    {
        try
        {
            return await reading.Value.Value.WaitAsync(cancellationToken);
        }
        catch when (reading.Value.Value.IsFaulted)
        {
            readings.TryRemove(KeyValuePair.Create(key, reading));
            throw;
        }
    }

    private TimeSpan Age(Reading reading) => time.GetElapsedTime(reading.ReadAt);

    private sealed class Reading(long readAt, Lazy<Task<TValue>> value)
    {
        private int refreshing;

        public long ReadAt => readAt;

        public Lazy<Task<TValue>> Value => value;

        public bool ClaimRefresh() => Volatile.Read(ref refreshing) == 0 && Interlocked.Exchange(ref refreshing, 1) == 0;
    }
}
