using System.Collections.Concurrent;
using Quoin.Kernel;

namespace Quoin.Limiting.Internal;

/// <summary>
/// Organisations' limits as they stood less than <see cref="Limits.FreshFor"/> ago, counted from before they were read.
/// <list type="number">
/// <item>A fresh answer is a look into a dictionary; nothing is allocated.</item>
/// <item>What is in use is read again in the background half-way to stale.</item>
/// <item>Those who miss the same organisation share one reading.</item>
/// </list>
/// </summary>
internal sealed class LimitsCache(LimitsReader reader, TimeProvider time)
{
    private readonly ConcurrentDictionary<OrgId, Entry> known = new();
    private readonly ConcurrentDictionary<OrgId, Reading> readings = new();

    /// <summary>What is remembered and fresh; null when it must be read.</summary>
    public OrgLimits? Fresh(OrgId org)
    {
        if (!known.TryGetValue(org, out var entry))
        {
            return null;
        }

        // The organisation's clock runs on with ours: past the end of a window another one counts.
        var age = time.GetElapsedTime(entry.ReadAt);
        if (age >= Limits.FreshFor || entry.Limits.Now + age >= entry.Limits.ChangesAt)
        {
            return null;
        }

        if (age >= Limits.RefreshAfter && entry.ClaimRefresh())
        {
            Refresh(org);
        }

        return entry.Limits;
    }

    /// <summary>What is remembered, or else as it is now; null where there is no such organisation.</summary>
    public async Task<OrgLimits?> Find(OrgId org, CancellationToken cancellationToken) =>
        Fresh(org) ?? await Begin(org).Limits.WaitAsync(Limits.AnswerWithin, time, cancellationToken);

    /// <summary>Reads it anew next time: called after this replica itself changed the terms.</summary>
    public void Forget(OrgId org)
    {
        // A reading that runs now may have begun before the change: its answer must not be remembered.
        readings.TryRemove(org, out _);
        known.TryRemove(org, out _);
    }

    // Apart from its caller, where the closure would be allocated each time. Should this reading fail, whoever finds the
    // entry stale asks again and is told.
    private void Refresh(OrgId org) => _ = Task.Run(() => Begin(org).Limits);

    private Reading Begin(OrgId org)
    {
        var mine = new Reading(time.GetTimestamp(), self => Run(org, self));
        var shared = readings.AddOrUpdate(
            org, mine, (_, running) => time.GetElapsedTime(running.StartedAt) < Limits.RefreshAfter ? running : mine);
        _ = shared.Limits;
        return shared;
    }

    // Shared by all who wait for it, so no one caller's token ends it; the connection's own timeouts do.
    private async Task<OrgLimits?> Run(OrgId org, Reading mine)
    {
        await Task.Yield();
        Entry? entry = null;
        try
        {
            var limits = await reader.Read(org, CancellationToken.None);
            entry = limits is null ? null : Remember(org, new Entry(limits, mine.StartedAt));
            return limits;
        }
        finally
        {
            // Forgotten, or overtaken by a later reading, while this one ran.
            if (!readings.TryRemove(KeyValuePair.Create(org, mine)) && entry is not null)
            {
                known.TryRemove(KeyValuePair.Create(org, entry));
            }
        }
    }

    private Entry Remember(OrgId org, Entry entry)
    {
        if (known.Count >= Limits.OrganisationsRememberedMax)
        {
            known.Clear();
        }

        return known[org] = entry;
    }

    private sealed class Entry(OrgLimits limits, long readAt)
    {
        private int refreshing;

        public OrgLimits Limits => limits;

        public long ReadAt => readAt;

        public bool ClaimRefresh() => Interlocked.Exchange(ref refreshing, 1) == 0;
    }

    private sealed class Reading
    {
        private readonly Lazy<Task<OrgLimits?>> limits;

        public Reading(long startedAt, Func<Reading, Task<OrgLimits?>> read)
        {
            StartedAt = startedAt;
            limits = new Lazy<Task<OrgLimits?>>(() => read(this));
        }

        public long StartedAt { get; }

        public Task<OrgLimits?> Limits => limits.Value;
    }
}
