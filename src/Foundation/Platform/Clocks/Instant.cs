namespace Quoin.Platform;

/// <summary>The present as PostgreSQL keeps it: what is written equals what will be read back.</summary>
public static class Instant
{
    /// <summary>Now by a clock, in whole microseconds.</summary>
    public static DateTimeOffset Now(TimeProvider time)
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
