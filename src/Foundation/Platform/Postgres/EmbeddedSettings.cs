namespace Quoin.Platform;

/// <summary>What starting the embedded PostgreSQL depends on.</summary>
/// <param name="DataFolder">The absolute folder of the cluster, its secrets and its hosts' lock files.</param>
public sealed record EmbeddedSettings(string DataFolder)
{
    /// <summary>The installations to choose from, newest first; null looks for them.</summary>
    public IReadOnlyList<PostgresBinaries>? Binaries { get; init; }

    /// <summary>Memory to plan with, in bytes: the machine's, or the container's.</summary>
    public long MemoryBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Free disk without which the cluster is not started, in bytes: better refuse than stop midway.</summary>
    public long DiskFreeBytesMin { get; init; } = PostgresLimits.DiskFreeBytesMin;
}
