using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.Hosting;

namespace Quoin.Platform;

/// <summary>
/// Refuses to start a host with an endpoint that does not state who may call it. Forgetting it is the one mistake that
/// a gate in front of the endpoints cannot make good.
/// </summary>
internal sealed class EndpointCheck : IHostedService
{
    // Blazor's own: its scripts, its circuit, the files of component libraries. None of them shows anything of ours
    // that a page has not shown before: a circuit starts only with a page's protected description.
    private static readonly string[] FrameworkSegments = ["_framework", "_blazor", "_content"];

    /// <summary>The host's endpoints; set where the pipeline is built.</summary>
    public ICollection<EndpointDataSource>? Sources { get; set; }

    public static bool IsFramework(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null
        || FrameworkSegments.Contains((endpoint.RoutePattern.RawText ?? "").TrimStart('/').Split('/')[0], StringComparer.Ordinal);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var sources = Sources ?? throw new InvalidOperationException("UsePlatformHttp was not called: there is no gate.");
        var open = sources
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<EndpointAccess>() is null && !IsFramework(endpoint))
            .Select(endpoint => endpoint.DisplayName)
            .ToList();
        return open.Count == 0
            ? Task.CompletedTask
            : throw new InvalidOperationException(
                $"Say who may call them (Requires, RequiresWithoutOrg, AllowsAnyone): {string.Join("; ", open)}.");
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
