namespace Quoin.Server.Hosting;

/// <summary>Bounds of one replica's HTTP server and of its starting and stopping.</summary>
internal static class HostLimits
{
    /// <summary>Proxies one behind another: a network's edge, a cluster's ingress, a sidecar.</summary>
    public const int ProxiesMax = 3;

    /// <summary>The largest request body: a full batch of events. Endpoints that need less say so themselves.</summary>
    public const long BodyBytesMax = 8 * 1024 * 1024;

    /// <summary>Open connections, so that a flood costs memory of a known size.</summary>
    public const long ConnectionsMax = 10_000;

    /// <summary>How long a request's headers may take: slower ones hold connections on purpose.</summary>
    public static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(15);

    /// <summary>How long running requests get to finish after the stop signal.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long a starting host waits for a database that is starting too, as in a composition.</summary>
    public static readonly TimeSpan DatabaseWait = TimeSpan.FromSeconds(60);

    /// <summary>Between two attempts to reach the database.</summary>
    public static readonly TimeSpan DatabaseRetry = TimeSpan.FromMilliseconds(500);
}
