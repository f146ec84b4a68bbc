namespace Quoin.Inference.Internal;

/// <summary>
/// How numbers spread over the last minutes: a slot for each minute, each with buckets a quarter wider than the one before,
/// so that a quantile is off by an eighth at most.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="least">The upper bound of the first bucket.</param>
internal sealed class SlidingHistogram(TimeProvider time, double least)
{
    private const double Wider = 1.25;
    private const int Buckets = 72;

    private static readonly double LogOfWider = Math.Log(Wider);

    private readonly long[] epochs = new long[Limits.HealthMinutes];
    private readonly int[] counts = new int[Limits.HealthMinutes * Buckets];

    /// <summary>Counts a number.</summary>
    public void Add(double value)
    {
        var epoch = Epoch();
        var slot = (int)(epoch % Limits.HealthMinutes);
        var known = Volatile.Read(ref epochs[slot]);
        if (known != epoch && Interlocked.CompareExchange(ref epochs[slot], epoch, known) == known)
        {
            counts.AsSpan(slot * Buckets, Buckets).Clear();
        }

        var bucket = value <= least ? 0 : Math.Min(Buckets - 1, (int)Math.Ceiling(Math.Log(value / least) / LogOfWider));
        Interlocked.Increment(ref counts[(slot * Buckets) + bucket]);
    }

    /// <summary>The number that a share of all lies below; null where there was none.</summary>
    public double? Quantile(double share)
    {
        Span<long> sums = stackalloc long[Buckets];
        var epoch = Epoch();
        var all = 0L;
        for (var slot = 0; slot < Limits.HealthMinutes; slot++)
        {
            if (Volatile.Read(ref epochs[slot]) is var at && at > epoch - Limits.HealthMinutes && at <= epoch)
            {
                for (var bucket = 0; bucket < Buckets; bucket++)
                {
                    var count = Volatile.Read(ref counts[(slot * Buckets) + bucket]);
                    sums[bucket] += count;
                    all += count;
                }
            }
        }

        if (all == 0)
        {
            return null;
        }

        var bucketAt = 0;
        for (var seen = sums[0]; seen < share * all; seen += sums[bucketAt])
        {
            bucketAt++;
        }

        // The middle of the bucket, by its logarithm.
        return least * Math.Pow(Wider, bucketAt - 0.5);
    }

    private long Epoch() => (time.GetTimestamp() / time.TimestampFrequency / 60) + 1;
}
