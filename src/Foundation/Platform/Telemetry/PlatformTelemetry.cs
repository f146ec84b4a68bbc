using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Quoin.Platform;

/// <summary>How a running replica is looked at from outside: health, metrics, traces.</summary>
public static class PlatformTelemetry
{
    /// <summary>
    /// Registers health checks and metrics, and the export to a collector where one is named. Modules add an
    /// <see cref="IReadinessCheck"/> for what else they need.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="schemas">The modules whose migrations must be applied before the replica is ready.</param>
    public static IServiceCollection AddPlatformTelemetry(this IServiceCollection services, IReadOnlyList<ModuleSchema> schemas)
    {
        services.AddSingleton<PrometheusMetrics>();
        services.AddHostedService(provider => provider.GetRequiredService<PrometheusMetrics>());
        services.AddSingleton<Readiness>();
        services.AddSingleton<IReadinessCheck>(provider =>
            new DatabaseCheck(provider.GetRequiredService<Npgsql.NpgsqlDataSource>(), schemas));
        if (OtlpExport.IsWanted)
        {
            services.AddHostedService<OtlpExport>();
        }

        return services;
    }

    /// <summary>Maps <c>/health/live</c>, <c>/health/ready</c> and <c>/metrics</c>.</summary>
    public static IEndpointRouteBuilder MapPlatformTelemetry(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", Readiness.Live).AllowsAnyone().ExcludeFromDescription();
        routes.MapGet("/health/ready", Readiness.Ready).AllowsAnyone().ExcludeFromDescription();

        // What a business has sold in the last minute is nobody else's business.
        routes.MapGet("/metrics", ShowMetrics).RequiresWithoutOrg(Permission.SystemRead).ExcludeFromDescription();
        return routes;
    }

    private static IResult ShowMetrics(PrometheusMetrics metrics) => Results.Text(metrics.Collect(), PrometheusMetrics.MediaType);
}
