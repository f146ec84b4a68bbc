namespace Quoin.Platform;

/// <summary>Bounds of what a host asks of PostgreSQL, and of starting and watching the embedded one.</summary>
public static class PostgresLimits
{
    /// <summary>
    /// Connections of one host. Group commit needs few; three hosts fit into the embedded cluster's
    /// <see cref="ServerConnectionsMax"/> with room for people and backups.
    /// </summary>
    public const int AppConnectionsMax = 50;

    /// <summary>
    /// Statements kept prepared per connection: more than all that runs every few seconds, or they would take turns at being
    /// parsed and planned anew; some megabytes of the server's where one connection sees them all.
    /// </summary>
    public const int PreparedStatementsMax = 250;

    /// <summary>
    /// How often a connection sees a statement before it is prepared there: what comes twice comes again, and parsing and
    /// planning cost more than running it.
    /// </summary>
    public const int UsagesUntilPrepared = 2;

    /// <summary>How long a connection is kept from the pool that whoever keeps it does not use.</summary>
    public static readonly TimeSpan KeptIdleLongest = TimeSpan.FromSeconds(5);

    /// <summary>Connections the embedded cluster accepts.</summary>
    public const int ServerConnectionsMax = 200;

    /// <summary>The embedded cluster's own cache at most; more helps one machine little.</summary>
    public const long SharedBuffersBytesMax = 4L * 1024 * 1024 * 1024;

    /// <summary>The embedded cluster's own cache at least: PostgreSQL's default.</summary>
    public const long SharedBuffersBytesMin = 128L * 1024 * 1024;

    /// <summary>A few segments of write-ahead log and room to checkpoint.</summary>
    public const long DiskFreeBytesMin = 256L * 1024 * 1024;

    /// <summary>
    /// Bytes of a Unix socket's path: 104 with the closing zero on macOS, 108 on Linux. The smaller one, so that a data
    /// folder behaves the same everywhere.
    /// </summary>
    public const int SocketPathBytesMax = 103;

    /// <summary>How long starting may take: recovery after a crash replays up to <c>max_wal_size</c>.</summary>
    public static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long <c>pg_ctl</c> waits before the host waits on alone: long enough to see a start fail, short enough to be
    /// asked to stop meanwhile.
    /// </summary>
    public static readonly TimeSpan LaunchTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long a host waits for another one that is starting or stopping the cluster.</summary>
    public static readonly TimeSpan TurnTimeout = StartTimeout + TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the last host waits for the closing checkpoint. PostgreSQL finishes it alone after that, and the next
    /// start waits for it.
    /// </summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a start keeps trying while processes of a killed server still hold its memory; they leave once they
    /// finish what they do.
    /// </summary>
    public static readonly TimeSpan OrphansTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Between two looks at a lock or a starting server.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Between two looks at a running server: a killed one is back in about a second.</summary>
    public static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two attempts to bring back a server that does not start.</summary>
    public static readonly TimeSpan RestartRetry = TimeSpan.FromSeconds(2);
}
