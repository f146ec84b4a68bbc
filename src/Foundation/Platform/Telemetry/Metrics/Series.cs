namespace Quoin.Platform;

/// <summary>The numbers of one combination of labels. Written by many threads at once, without locks.</summary>
internal sealed class Series(string labels, double[]? bounds)
{
    private readonly long[] buckets = bounds is null ? [] : new long[bounds.Length + 1];
    private double value;

    public string Labels => labels;

    /// <summary>The sum of a counter or histogram, the last value of a gauge.</summary>
    public double Value => Volatile.Read(ref value);

    public void Set(double now) => Volatile.Write(ref value, now);

    public void Add(double delta)
    {
        var seen = Volatile.Read(ref value);
        while (true)
        {
            var found = Interlocked.CompareExchange(ref value, seen + delta, seen);

            // Compared as bits: a NaN never equals itself, and the loop would never end.
            if (BitConverter.DoubleToInt64Bits(found) == BitConverter.DoubleToInt64Bits(seen))
            {
                return;
            }

            seen = found;
        }
    }

    /// <summary>Counts a measurement into its bucket: the first whose bound is not below it.</summary>
    public void Observe(double measured)
    {
        var index = 0;
        while (index < bounds!.Length && !(measured <= bounds[index]))
        {
            index++;
        }

        Interlocked.Increment(ref buckets[index]);
        Add(measured);
    }

    /// <summary>For each bound, and last for infinity, how many measurements were not above it.</summary>
    public long[] CumulativeCounts()
    {
        var counts = new long[buckets.Length];
        var sum = 0L;
        for (var index = 0; index < buckets.Length; index++)
        {
            counts[index] = sum += Interlocked.Read(ref buckets[index]);
        }

        return counts;
    }
}
