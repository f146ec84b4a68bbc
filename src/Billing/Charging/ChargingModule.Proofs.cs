using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Accounts;
using Quoin.Charging.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Charging;

/// <summary>The part of the table of contents that proves and explains what was charged.</summary>
public static partial class ChargingModule
{
    private static void AddReconciliation(IServiceCollection services)
    {
        services.AddSingleton<ReconciliationRows>();
        services.AddSingleton<ReconciliationMetrics>();
        services.AddSingleton<CompareUsage>();
        services.AddSingleton<CompareRating>();
        services.AddSingleton<ComparePostings>();
        services.AddSingleton<RunReconciliation>();
        services.AddSingleton<RepairFinding>();
        services.AddSingleton(provider => new Reconciliation(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<ReconciliationRows>(),
            provider.GetRequiredService<RunReconciliation>(),
            provider.GetRequiredService<RepairFinding>(),
            provider.GetRequiredService<Jobs>(),
            provider.GetRequiredService<IAudit>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddJob<ReconcileUsage>((run, job, cancellationToken) =>
            run.Services.GetRequiredService<Reconciliation>().Work(run, job, cancellationToken));
        services.AddRecurringJob("charging.reconcile_nightly", Limits.NightlyLook, (run, cancellationToken) =>
            run.Services.GetRequiredService<Reconciliation>().StartNightly(cancellationToken));
    }

    private static void MapReconciliation(RouteGroupBuilder api)
    {
        api.MapPost("/reconciliation", ReconciliationEndpoints.Start)
            .WithName("startReconciliation")
            .WithSummary("Compare usage with the books over a range")
            .MayAnswer(ChargingProblems.InvalidChargingInput)
            .Idempotent()
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapGet("/reconciliation", ReconciliationEndpoints.List)
            .WithName("listReconciliations")
            .WithSummary("List reconciliations, newest first")
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapGet("/reconciliation/{run}", ReconciliationEndpoints.One)
            .WithName("getReconciliation")
            .WithSummary("Show one reconciliation and how far it has come")
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapPost("/reconciliation/{run}/stop", ReconciliationEndpoints.Stop)
            .WithName("stopReconciliation")
            .WithSummary("Stop a reconciliation")
            .MayAnswer(PlatformProblems.NotFound)
            .Idempotent()
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapGet("/reconciliation/{run}/findings", ReconciliationEndpoints.Findings)
            .WithName("listReconciliationFindings")
            .WithSummary("List what a reconciliation found")
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapPost("/reconciliation/findings/{finding}/repair", ReconciliationEndpoints.Repair)
            .WithName("repairFinding")
            .WithSummary("Rate missing usage again, or ask for the correction of a transfer")
            .MayAnswer(
                PlatformProblems.NotFound,
                ChargingProblems.InvalidChargingInput,
                ChargingProblems.NothingToRepair,
                ChargingProblems.NotRepairable)
            .Idempotent()
            .RequiresWithoutOrg(Permission.ReconciliationManage);
    }

    private static void AddExplanations(IServiceCollection services)
    {
        services.AddSingleton<LineShares>();
        services.AddSingleton(provider => new LineExplanations(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<LineQueries>(),
            provider.GetRequiredService<LineShares>(),
            provider.GetRequiredService<Metering.Metering>(),
            provider.GetRequiredService<Pricing.PriceBooks>(),
            provider.GetRequiredService<Ledger.Ledger>()));
    }

    private static void AddDiagnostics(IServiceCollection services) => services.AddSingleton(provider => new Trails(
        provider.GetRequiredService<NpgsqlDataSource>(),
        provider.GetRequiredService<LineQueries>(),
        provider.GetRequiredService<Metering.UsageTrail>(),
        provider.GetRequiredService<Metering.Metering>(),
        provider.GetRequiredService<Ledger.Ledger>()));

    private static void MapExplanations(RouteGroupBuilder api)
    {
        api.MapGet("/diagnostics", DiagnosticsEndpoint.Handle)
            .WithName("followRequest")
            .WithSummary("Follow a request from its events to the books, and say what is missing and why")
            .MayAnswer(ChargingProblems.InvalidChargingInput)
            .Requires(Permission.LedgerRead);
        api.MapGet("/rated-lines/{line}/explain", ExplainEndpoints.Explain)
            .WithName("explainRatedLine")
            .WithSummary("Explain a rated line, step by step, from its events to the books")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.UsageRead);
        api.MapGet("/rated-lines/{line}/shares", ExplainEndpoints.Shares)
            .WithName("listLineShares")
            .WithSummary("List the links to a rated line's explanation")
            .Requires(Permission.LedgerRead);
        api.MapPost("/rated-lines/{line}/shares", ExplainEndpoints.Share)
            .WithName("shareRatedLine")
            .WithSummary("Make a link to a rated line's explanation, for people without an account")
            .MayAnswer(PlatformProblems.NotFound, ChargingProblems.InvalidChargingInput)
            .Idempotent()
            .Requires(Permission.LedgerRead);
        api.MapPost("/line-shares/{share}/revoke", ExplainEndpoints.Revoke)
            .WithName("revokeLineShare")
            .WithSummary("End a link to a rated line's explanation")
            .MayAnswer(PlatformProblems.NotFound)
            .Idempotent()
            .Requires(Permission.LedgerRead);
    }

    private static void AddShadowRating(IServiceCollection services)
    {
        services.AddSingleton<ShadowRows>();
        services.AddSingleton<RunShadowRating>();
        services.AddSingleton(provider => new ShadowRatings(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<ShadowRows>(),
            provider.GetRequiredService<RunShadowRating>(),
            provider.GetRequiredService<Pricing.PriceBooks>(),
            provider.GetRequiredService<Metering.Metering>(),
            provider.GetRequiredService<Organisations>(),
            provider.GetRequiredService<Jobs>(),
            provider.GetRequiredService<IAudit>(),
            provider.GetRequiredService<IdSource>()));
        services.AddJob<RateInShadow>((run, job, cancellationToken) =>
            run.Services.GetRequiredService<ShadowRatings>().Work(run, job, cancellationToken));
    }

    private static void MapShadowRating(RouteGroupBuilder api)
    {
        api.MapPost("/shadow-ratings", ShadowEndpoints.Start)
            .WithName("startShadowRating")
            .WithSummary("Rate real usage at candidate prices, without a trace in it")
            .MayAnswer(
                PlatformProblems.NotFound,
                ChargingProblems.ShadowRatingBoundExceeded,
                ChargingProblems.InvalidChargingInput,
                ChargingProblems.UnsupportedUnit,
                ChargingProblems.CurrencyMismatch)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PricesWrite);
        api.MapGet("/shadow-ratings", ShadowEndpoints.List)
            .WithName("listShadowRatings")
            .WithSummary("List shadow ratings, newest first")
            .RequiresWithoutOrg(Permission.PricesWrite);
        api.MapGet("/shadow-ratings/{shadow_rating}", ShadowEndpoints.One)
            .WithName("getShadowRating")
            .WithSummary("Show a shadow rating: totals, winners and losers")
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.PricesWrite);
    }
}
