namespace Quoin.Platform;

/// <summary>Bounds of leases.</summary>
public static class LeaseLimits
{
    /// <summary>
    /// How long a lease lasts unless renewed: how long work stands still after a replica was killed, against how long a
    /// stalled database may take before everybody loses what they hold.
    /// </summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);

    /// <summary>Renewals fit this often into a lease, so that one may fail.</summary>
    public const int RenewalsPerDuration = 3;

    /// <summary>Seconds a lease statement may take: one slow round trip, well inside <see cref="Duration"/>.</summary>
    public const int StatementSecondsMax = 3;

    /// <summary>
    /// Shards of one group: enough to spread over any number of replicas seen so far, few enough to guard at once.
    /// </summary>
    public const int ShardsMax = 64;
}
