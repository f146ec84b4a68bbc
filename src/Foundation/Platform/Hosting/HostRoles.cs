namespace Quoin.Platform;

/// <summary>
/// What one replica runs. Roles only select: every replica is built the same and any of them may stop at any time.
/// A background loop asks <see cref="Worker"/> before it starts; endpoints are mapped for <see cref="Api"/>.
/// </summary>
/// <param name="Api">Serves the HTTP API and the console.</param>
/// <param name="Worker">Runs background work: jobs, outbox, pumps.</param>
/// <param name="Gateway">Serves the model gateway.</param>
public sealed record HostRoles(bool Api, bool Worker, bool Gateway)
{
    /// <summary>Everything, the default.</summary>
    public static HostRoles All { get; } = new(Api: true, Worker: true, Gateway: true);

    /// <summary>The names a person may give, comma-separated.</summary>
    public static IReadOnlyList<string> Names { get; } = ["api", "worker", "gateway"];

    /// <summary>Reads <c>api,worker</c>.</summary>
    /// <returns>The roles; null when a name is unknown or none is given.</returns>
    public static HostRoles? Parse(string text)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.Length == 0 || names.Any(name => !Names.Contains(name, StringComparer.Ordinal))
            ? null
            : new HostRoles(names.Contains("api"), names.Contains("worker"), names.Contains("gateway"));
    }
}
