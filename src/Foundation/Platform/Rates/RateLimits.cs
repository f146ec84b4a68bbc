namespace Quoin.Platform;

/// <summary>Bounds of keeping rates.</summary>
internal static class RateLimits
{
    /// <summary>
    /// A replica draws at most this part of a burst of requests at a time: what it has drawn and not used is all that
    /// replicas can be wrong by, three of a hundred each.
    /// </summary>
    public const int DrawsPerBurst = 32;

    /// <summary>Shares a replica remembers; beyond it all are forgotten and drawn anew. About 10 MB.</summary>
    public const int SharesRememberedMax = 50_000;

    /// <summary>Rows that are paid off are removed so often.</summary>
    public static readonly TimeSpan PurgeEvery = TimeSpan.FromMinutes(10);

    /// <summary>Rows removed at a time: a few milliseconds.</summary>
    public const int PurgedAtOnceMax = 10_000;
}
