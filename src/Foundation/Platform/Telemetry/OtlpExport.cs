using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Quoin.Platform;

/// <summary>
/// Sends metrics and traces to an OpenTelemetry collector, when the standard variable
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one. The other standard variables (protocol, headers, sampler, service
/// name) are read by the SDK itself.
/// </summary>
internal sealed class OtlpExport(Replica replica) : IHostedService, IDisposable
{
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private MeterProvider? meters;
    private TracerProvider? tracers;

    public static bool IsWanted => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(EndpointVariable));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var version = typeof(OtlpExport).Assembly.GetName().Version?.ToString(3);

        // Read last, OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over ours.
        var resource = ResourceBuilder.CreateEmpty()
            .AddTelemetrySdk()
            .AddService("quoin", serviceVersion: version, serviceInstanceId: replica.Name)
            .AddEnvironmentVariableDetector();
        meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter("Quoin.*", "Microsoft.AspNetCore.*", "System.Runtime", "System.Net.*", "Npgsql")
            .AddOtlpExporter()
            .Build();
        tracers = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource("Quoin.*", "Microsoft.AspNetCore", "Npgsql")
            .AddOtlpExporter()
            .Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        meters?.Dispose();
        tracers?.Dispose();
    }
}
