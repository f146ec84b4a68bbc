using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Charging.Internal;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging;

/// <summary>Charging's table of contents: what was used becomes money.</summary>
public static partial class ChargingModule
{
    /// <summary>Adds Charging to the host. Needs Ledger, Metering and Pricing.</summary>
    public static IServiceCollection AddCharging(this IServiceCollection services)
    {
        services.AddSingleton<RatingMetrics>();
        services.AddSingleton<RateUsage>();
        services.AddSingleton<QuarantineNews>();
        services.AddSingleton<RetryUnpriced>();
        services.AddSingleton<IDueWork, RenewPeriods>();
        services.AddSubscriber<AssignmentChanged>("charging.on_assignment_changed", RenewPeriods.OnAssignmentChanged);
        services.AddSingleton<LineQueries>();
        services.AddSingleton(provider => new Charging(
            provider.GetRequiredService<LineQueries>(),
            provider.GetRequiredService<RetryUnpriced>(),
            provider.GetRequiredService<NpgsqlDataSource>()));
        AddReconciliation(services);
        AddExplanations(services);
        AddShadowRating(services);
        AddDiagnostics(services);
        services.AddPump(new PumpOptions(Metering.Metering.UnratedChannel, Rate)
        {
            Shards = Metering.Limits.Shards,
            Rest = Limits.Rest,
            Depth = Depth,
        });
        return services;
    }

    /// <summary>Adds Charging's endpoints.</summary>
    public static IEndpointRouteBuilder MapCharging(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Charging");
        MapReconciliation(routes.MapGroup("/v1").WithTags("Reconciliation"));
        MapExplanations(api);
        MapShadowRating(api);
        api.MapGet("/rated-lines", ReadLines.List)
            .WithName("listRatedLines")
            .WithSummary("List rated lines, newest first")
            .Produces<Page<LineRow>>(StatusCodes.Status200OK, "application/json", CsvType)
            .Requires(Permission.UsageRead);
        api.MapGet("/rated-lines/{line}", ReadLines.One)
            .WithName("getRatedLine")
            .WithSummary("Show one rated line")
            .Produces<LineRow>()
            .Requires(Permission.UsageRead);
        api.MapGet("/rated-lines/{line}/events", ReadLines.Events)
            .WithName("listRatedLineEvents")
            .WithSummary("List the events behind a rated line, oldest first")
            .Produces<Page<LineEventRow>>()
            .Requires(Permission.UsageRead);
        api.MapGet("/unrated-usage", ReadLines.Unrated)
            .WithName("getUnratedUsage")
            .WithSummary("Show how much usage is stored and not yet rated")
            .Produces<UnratedAnswer>()
            .Requires(Permission.UsageRead);
        api.MapGet("/unpriced-usage", ReadUnpriced.List)
            .WithName("listUnpricedUsage")
            .WithSummary("List usage that is set aside; operators who name no organisation see everybody's")
            .Produces<Page<UnpricedRow>>()
            .RequiresWithoutOrg(Permission.UsageRead);
        api.MapGet("/period-lines", ReadPeriodLines.List)
            .WithName("listPeriodLines")
            .WithSummary("List lines of periods' plans and commitments, newest first")
            .Produces<Page<PeriodLineRow>>()
            .Requires(Permission.UsageRead);
        api.MapPost("/unpriced-usage/retry", RetryUnpriced.Handle)
            .WithName("retryUnpricedUsage")
            .WithSummary("Rate again what was set aside, of one organisation or of all")
            .MayAnswer(ChargingProblems.InvalidChargingInput)
            .Idempotent()
            .RequiresWithoutOrg(Permission.QuarantineWrite);
        return routes;
    }

    private const string CsvType = "text/csv";

    private static Task<bool> Rate(PumpTurn turn, CancellationToken cancellationToken) =>
        turn.Services.GetRequiredService<RateUsage>().Step(turn, cancellationToken);

    private static Task<StageDepth> Depth(IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<Metering.Metering>().UnratedDepth(cancellationToken);
}
