using System.Collections.Concurrent;

namespace Quoin.Accounts;

/// <summary>
/// A bounded map that forgets the oldest without book-keeping on reads: entries go into a young generation, which
/// becomes the old one when it is full. Holds at most twice <paramref name="generationMax"/> entries.
/// </summary>
internal sealed class RecentEntries<TKey, TEntry>(int generationMax)
    where TKey : notnull
    where TEntry : class
{
    private readonly Lock turning = new();
    private volatile ConcurrentDictionary<TKey, TEntry> young = new();
    private volatile ConcurrentDictionary<TKey, TEntry> old = new();
    private int youngCount;

    public TEntry? Find(TKey key) =>
        young.TryGetValue(key, out var entry) || old.TryGetValue(key, out entry) ? entry : null;

    public void Put(TKey key, TEntry entry)
    {
        var target = young;
        if (!target.TryAdd(key, entry))
        {
            target[key] = entry;
            return;
        }

        if (Interlocked.Increment(ref youngCount) >= generationMax)
        {
            Turn(target);
        }
    }

    public void Remove(TKey key)
    {
        young.TryRemove(key, out _);
        old.TryRemove(key, out _);
    }

    private void Turn(ConcurrentDictionary<TKey, TEntry> full)
    {
        lock (turning)
        {
            if (ReferenceEquals(full, young))
            {
                old = full;
                young = new ConcurrentDictionary<TKey, TEntry>();
                youngCount = 0;
            }
        }
    }
}
