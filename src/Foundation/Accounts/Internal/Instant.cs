namespace Quoin.Accounts;

/// <summary>The present as PostgreSQL keeps it: what is written equals what will be read back.</summary>
internal static class Instant
{
    /// <summary>Now, in whole microseconds.</summary>
    public static DateTimeOffset Now(TimeProvider time)
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
