namespace Quoin.Platform;

/// <summary>How long to wait after a failure: twice as long each time, up to a bound, and never in step with others.</summary>
internal static class Backoff
{
    /// <summary>The wait after the n-th failure in a row.</summary>
    /// <param name="failures">How many failures in a row, from 1.</param>
    /// <param name="first">The wait after the first one, before chance.</param>
    /// <param name="longest">The bound, before chance.</param>
    /// <param name="chance">From 0 to 1; the wait lies between half of and the full doubled time.</param>
    public static TimeSpan After(int failures, TimeSpan first, TimeSpan longest, double chance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);

        // Beyond thirty doublings every bound in use is long passed, and the shift would overflow.
        var doubled = first.Ticks * (double)(1L << Math.Min(failures - 1, 30));
        var bounded = Math.Min(doubled, longest.Ticks);
        return TimeSpan.FromTicks((long)(bounded * (0.5 + (chance / 2))));
    }
}
