using Quoin.Pricing;

namespace Quoin.Limiting.Internal;

/// <summary>
/// The published prices, at most <see cref="Limits.FreshFor"/> behind: a gate in front of a call asks the database for
/// them no more than twice a second, and as a rule nobody waits for it.
/// </summary>
internal sealed class PriceMemory(PriceBooks books, TimeProvider time)
{
    private Known? known;

    public ValueTask<PriceSnapshot> Current(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref known) is not { } last || time.GetElapsedTime(last.ReadAt) is var age && age >= Limits.FreshFor)
        {
            return new ValueTask<PriceSnapshot>(Read(cancellationToken));
        }

        if (age >= Limits.RefreshAfter && last.ClaimRefresh())
        {
            // Should it fail, whoever finds what is known stale asks again and is told.
            _ = Task.Run(() => Read(CancellationToken.None), CancellationToken.None);
        }

        return ValueTask.FromResult(last.Prices);
    }

    private async Task<PriceSnapshot> Read(CancellationToken cancellationToken)
    {
        var readAt = time.GetTimestamp();
        var prices = await books.Current(cancellationToken);
        Volatile.Write(ref known, new Known(prices, readAt));
        return prices;
    }

    private sealed class Known(PriceSnapshot prices, long readAt)
    {
        private int refreshing;

        public PriceSnapshot Prices => prices;

        public long ReadAt => readAt;

        public bool ClaimRefresh() => Interlocked.Exchange(ref refreshing, 1) == 0;
    }
}
