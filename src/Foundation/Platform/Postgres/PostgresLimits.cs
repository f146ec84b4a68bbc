namespace Quoin.Platform;

/// <summary>Bounds of what a host asks of PostgreSQL.</summary>
public static class PostgresLimits
{
    /// <summary>
    /// Connections of one host. Group commit needs few; three hosts fit into the embedded cluster's
    /// <see cref="ServerConnectionsMax"/> with room for people and backups.
    /// </summary>
    public const int AppConnectionsMax = 50;

    /// <summary>Statements kept prepared per connection: more than the hot paths have, little memory.</summary>
    public const int PreparedStatementsMax = 100;

    /// <summary>Connections the embedded cluster accepts.</summary>
    public const int ServerConnectionsMax = 200;
}
