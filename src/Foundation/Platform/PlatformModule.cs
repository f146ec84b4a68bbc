using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>What Platform offers the other modules, registered once: the table of contents.</summary>
public static class PlatformModule
{
    /// <summary>
    /// Registers what every replica has, whatever its role. The host adds the <c>NpgsqlDataSource</c> and the
    /// <see cref="MasterKeys"/>.
    /// </summary>
    public static IServiceCollection AddPlatform(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new IdSource(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(_ => new Jitter(new Random()));
        services.TryAddSingleton(provider => new Replica(
            $"{Environment.MachineName}/{Environment.ProcessId}/{provider.GetRequiredService<IdSource>().Next():N}"));

        services.TryAddSingleton(HostRoles.All);

        services.TryAddSingleton<Leases>();
        services.TryAddSingleton<WakeUps>();
        services.TryAddSingleton<WakeUpRelay>();
        services.AddHostedService(provider => provider.GetRequiredService<WakeUpRelay>());
        services.TryAddSingleton<OrgDirectory>();
        AddPumps(services);
        AddJobs(services);
        AddSecrets(services);
        AddIdempotency(services);
        AddClocks(services);
        AddRates(services);
        return services;
    }

    /// <summary>Adds Platform's endpoints: the test clock of organisations, and dead jobs for operators.</summary>
    public static IEndpointRouteBuilder MapPlatform(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Test clock").LimitsBody(DueWorkLimits.BodyBytesMax);
        api.MapGet("/test-clock", AdvanceTestClock.Show)
            .WithName("getTestClock")
            .WithSummary("Show the organisation's clock, and how far a move of it has come")
            .Produces<TestClockAnswer>()
            .Requires(Permission.OrganisationRead);
        api.MapPost("/test-clock/advance", AdvanceTestClock.Endpoint)
            .WithName("advanceTestClock")
            .WithSummary("Move a test-mode organisation's clock; everything due on the way happens in order")
            .Produces<TestClockAnswer>()
            .Produces<TestClockAnswer>(StatusCodes.Status202Accepted)
            .MayAnswer(
                PlatformProblems.InvalidClockMove,
                PlatformProblems.ClockIsLive,
                PlatformProblems.ClockWouldGoBack,
                PlatformProblems.ClockTooFar,
                PlatformProblems.ClockIsBusy)
            .Idempotent()
            .Requires(Permission.TestClockAdvance);
        MapDeadJobs(routes);
        return routes;
    }

    private static void MapDeadJobs(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Operations").LimitsBody(JobLimits.BodyBytesMax);
        api.MapGet("/dead-jobs", DeadJobEndpoints.List)
            .WithName("listDeadJobs")
            .WithSummary("List background work that failed for good, oldest first")
            .Produces<Page<DeadJobAnswer>>()
            .RequiresWithoutOrg(Permission.SystemRead);
        api.MapPost("/dead-jobs/{job}/retry", DeadJobEndpoints.Retry)
            .WithName("retryDeadJob")
            .WithSummary("Give a dead job all its attempts again")
            .Produces(StatusCodes.Status204NoContent)
            .MayAnswer(PlatformProblems.NotFound, PlatformProblems.ReasonRefused)
            .Idempotent()
            .RequiresWithoutOrg(Permission.SystemManage);
        api.MapPost("/dead-jobs/{job}/drop", DeadJobEndpoints.Drop)
            .WithName("dropDeadJob")
            .WithSummary("Remove a dead job: what it was to do is not done")
            .Produces(StatusCodes.Status204NoContent)
            .MayAnswer(PlatformProblems.NotFound, PlatformProblems.ReasonRefused)
            .Idempotent()
            .RequiresWithoutOrg(Permission.SystemManage);
    }

    private static void AddPumps(IServiceCollection services)
    {
        services.TryAddSingleton<PumpMetrics>();
        services.TryAddSingleton(provider => new Pumps(
            provider.GetServices<PumpOptions>(),
            pump => new Pump(
                pump,
                new ShardLeases(
                    provider.GetRequiredService<NpgsqlDataSource>(),
                    provider.GetRequiredService<Leases>(),
                    provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<Replica>(),
                    pump.Name,
                    pump.Shards,
                    pump.Lease(provider)),
                pump.Lease(provider),
                provider,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<PumpMetrics>()),
            provider.GetRequiredService<WakeUps>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Jitter>(),
            provider.GetRequiredService<PumpMetrics>(),
            provider.GetRequiredService<HostRoles>(),
            provider.GetRequiredService<ILogger<Pumps>>()));
        services.AddHostedService(provider => provider.GetRequiredService<Pumps>());
    }

    private static void AddJobs(IServiceCollection services)
    {
        services.TryAddSingleton<Jobs>();
        services.TryAddSingleton<DeadJobs>();
        services.TryAddSingleton<JobQueue>();
        services.TryAddSingleton<JobMetrics>();
        services.TryAddSingleton(provider => new JobRunner(
            provider.GetServices<JobDefinition>(),
            provider.GetRequiredService<JobQueue>(),
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<WakeUps>(),
            provider.GetRequiredService<Jitter>(),
            provider.GetRequiredService<JobMetrics>(),
            provider.GetRequiredService<HostRoles>(),
            provider.GetRequiredService<ILogger<JobRunner>>()));
        services.AddHostedService(provider => provider.GetRequiredService<JobRunner>());
        services.AddPump(new PumpOptions("platform.measure-jobs", MeasureJobs)
        {
            IdleLongest = JobLimits.MeasureEvery,
        });

        services.TryAddSingleton<Outbox>();
        services.TryAddSingleton<OutboxReader>();
        services.AddRecurringJob("platform.purge_outbox", OutboxLimits.PurgeEvery, (run, cancellationToken) =>
            run.Services.GetRequiredService<OutboxReader>().Purge(cancellationToken));
    }

    private static void AddIdempotency(IServiceCollection services)
    {
        services.TryAddSingleton<IdempotencyKeys>();
        services.TryAddSingleton<IdempotentRequests>();
        services.AddRecurringJob("platform.purge_idempotency", IdempotencyLimits.PurgeEvery, (run, cancellationToken) =>
            run.Services.GetRequiredService<IdempotencyKeys>().Purge(cancellationToken));
    }

    // The host may add its own options first.
    private static void AddRates(IServiceCollection services)
    {
        services.TryAddSingleton(RequestRateOptions.Default);
        services.TryAddSingleton<Rates>();
        services.AddRecurringJob("platform.purge_rates", RateLimits.PurgeEvery, (run, cancellationToken) =>
            run.Services.GetRequiredService<Rates>().Purge(cancellationToken));
    }

    // Modules add their IDueWork.
    private static void AddClocks(IServiceCollection services)
    {
        services.TryAddSingleton<OrganisationClock>();
        services.TryAddSingleton<DueWork>();
        services.TryAddSingleton<AdvanceTestClock>();
        services.TryAddSingleton(provider => new Stages(
            provider.GetServices<PumpOptions>(),
            provider.GetServices<IDueWork>(),
            provider.GetRequiredService<JobQueue>(),
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider,
            provider.GetRequiredService<TimeProvider>()));
        services.AddPump(new PumpOptions(DueWork.Channel, SweepDueWork)
        {
            Shards = DueWorkLimits.Shards,
            IdleLongest = DueWorkLimits.SweepEvery,
        });
    }

    // The host adds the MasterKeys.
    private static void AddSecrets(IServiceCollection services)
    {
        services.TryAddSingleton<PurposeKeys>();
        services.TryAddSingleton(provider => new Secrets(provider.GetRequiredService<PurposeKeys>()));
        services.AddHostedService<SecretsCheck>();

        services.AddDataProtection().SetApplicationName("quoin");
        services.TryAddSingleton<DataProtectionRing>();
        services.TryAddSingleton<DataProtectionEncryptor>();
        services.AddOptions<KeyManagementOptions>().Configure<DataProtectionRing, DataProtectionEncryptor>(
            (options, ring, encryptor) => (options.XmlRepository, options.XmlEncryptor) = (ring, encryptor));
    }

    private static async Task<bool> MeasureJobs(PumpTurn turn, CancellationToken cancellationToken)
    {
        var depths = await turn.Services.GetRequiredService<JobQueue>().Depths(cancellationToken);
        turn.Services.GetRequiredService<JobMetrics>().Measured(depths);
        return false;
    }

    private static Task<bool> SweepDueWork(PumpTurn turn, CancellationToken cancellationToken) =>
        turn.Services.GetRequiredService<DueWork>().Sweep(turn.Shards, cancellationToken);
}
