namespace Quoin.StripeSimulator.Internal;

/// <summary>
/// What time it is: the host's clock, moved by what was advanced; while due work is caught up with, the instant it was
/// due at. Objects on a test clock live in that clock's time, which its own object keeps.
/// </summary>
internal sealed class Clocks(TimeProvider time)
{
    private long? caughtUpTo;

    /// <summary>How far the simulator's clock is ahead of the host's.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>Seconds since 1970 of the simulator's clock.</summary>
    public long Now => caughtUpTo ?? Target;

    /// <summary>Where the clock stands, whatever is being caught up with.</summary>
    public long Target => (time.GetUtcNow() + Ahead).ToUnixTimeSeconds();

    /// <summary>Runs something as if it were an earlier instant.</summary>
    public void At(long instant, Action work)
    {
        var before = caughtUpTo;
        caughtUpTo = instant;
        try
        {
            work();
        }
        finally
        {
            caughtUpTo = before;
        }
    }
}
