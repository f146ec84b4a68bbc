using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Quoin.Accounts;
using Quoin.Limiting.Internal;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Limiting;

/// <summary>The table of contents of limits: may this be used?</summary>
public static class LimitsModule
{
    /// <summary>
    /// Adds limits to the host. Needs Platform, Accounts, Ledger, Metering and Pricing; the host may add another
    /// <see cref="DefaultPlan"/>.
    /// </summary>
    public static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.TryAddSingleton(DefaultPlan.InternalDev);
        services.TryAddSingleton(GrantNotice.Usual);
        services.AddSingleton<BillingStates>();
        services.AddSingleton<MeteredUse>();
        services.AddSingleton<LimitsReader>();
        services.AddSingleton<LimitsCache>();
        services.AddSingleton<LimitNews>();
        services.AddSingleton<LimitFlush>();
        services.TryAddSingleton<IEntitlements, PlanEntitlements>();
        services.AddSingleton(provider => new Quotas(
            provider.GetRequiredService<LimitsCache>(),
            provider.GetRequiredService<LimitsReader>(),
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<LimitFlush>(),
            provider.GetServices<Capability>()));
        services.AddSingleton<ChangeState>();
        services.AddSingleton(provider => new BillingStanding(provider.GetRequiredService<ChangeState>()));
        services.AddSingleton<SetOverrides>();
        services.AddSingleton<IDueWork, EndTrials>();
        AddWatching(services);
        AddSpending(services);
        services.AddPump(new PumpOptions("limits.give-back-expired", GiveBackExpired) { IdleLongest = Limits.SweepEvery });
        services.AddRecurringJob("limits.purge_keys", Limits.PurgeEvery, (run, cancellationToken) => LimitRows.Purge(
            run.Services.GetRequiredService<NpgsqlDataSource>(),
            run.Services.GetRequiredService<TimeProvider>().GetUtcNow(),
            cancellationToken));
        return services;
    }

    private static void AddSpending(IServiceCollection services)
    {
        services.AddSingleton<SpendFlush>();
        services.AddSingleton<DrawFlush>();
        services.AddSingleton<SpendCommit>();
        services.AddSingleton<Allowances>();
        services.AddSingleton<SettleSpending>();
        services.AddSingleton<HandOverLapsed>();
        services.AddSingleton(provider => new Spending(
            provider.GetRequiredService<LimitsCache>(),
            provider.GetRequiredService<Organisations>(),
            provider.GetRequiredService<OrganisationClock>(),
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<SpendFlush>(),
            provider.GetRequiredService<DrawFlush>(),
            provider.GetRequiredService<Allowances>(),
            provider.GetRequiredService<SettleSpending>(),
            provider.GetRequiredService<HandOverLapsed>()));
        services.AddSingleton<PriceMemory>();
        services.AddSingleton<Positions>();
        services.AddSingleton(provider => new Quotes(
            provider.GetRequiredService<PriceMemory>(),
            provider.GetRequiredService<Positions>(),
            provider.GetRequiredService<Plans>(),
            provider.GetRequiredService<Organisations>()));
        services.AddSingleton<KeepBudgets>();
        services.AddSingleton(provider => new Budgets(provider.GetRequiredService<KeepBudgets>()));
        services.AddPump(new PumpOptions("limits.hand-over-lapsed", HandOverLapsed) { IdleLongest = Limits.LapseEvery });
        services.AddRecurringJob("limits.forget_spending", Limits.SpendPurgeEvery, async (run, cancellationToken) =>
        {
            var database = run.Services.GetRequiredService<NpgsqlDataSource>();
            var now = run.Services.GetRequiredService<TimeProvider>().GetUtcNow();
            await DrawRows.Purge(database, now, cancellationToken);
            await SpendRows.Purge(database, now, cancellationToken);
        });
    }

    private static void AddWatching(IServiceCollection services)
    {
        services.AddSingleton<WatchLimits>();
        services.AddSingleton<WatchBalances>();
        services.AddSingleton<SetBalanceAlert>();
        services.AddSingleton<IDueWork, TellOfExpiringGrants>();
        services.AddPump(new PumpOptions("limits.watch", Watch)
        {
            Shards = Limits.WatchShards,
            IdleLongest = Limits.WatchEvery,
        });
    }

    /// <summary>Declares a capability, with what its callers do when no answer can be had.</summary>
    public static IServiceCollection AddCapability(this IServiceCollection services, string code, WhenUnavailable policy) =>
        services.AddSingleton(new Capability(code, policy));

    /// <summary>Adds the endpoints of limits.</summary>
    public static IEndpointRouteBuilder MapLimits(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Limits").LimitsBody(Limits.BodyBytesMax);
        MapReading(api);
        MapUse(api);
        MapBudgets(api);
        MapOperator(api);
        return routes;
    }

    private static void MapReading(RouteGroupBuilder api)
    {
        api.MapGet("/limitations", ReadLimits.Limitations)
            .WithName("getLimitations")
            .WithSummary("List what the plan allows, and how much of it is used")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.UsageRead);
        api.MapGet("/billing/summary", ReadLimits.Summary)
            .WithName("getBillingSummary")
            .WithSummary("Show the plan, where the subscription stands, and the limits")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.UsageRead);
        api.MapPost("/limits/check", CheckLimit.Endpoint)
            .WithName("checkLimit")
            .WithSummary("Ask whether something may be used: advice, at most a second old")
            .MayAnswer(LimitsProblems.InvalidLimitInput)
            .Requires(Permission.UsageRead);
    }

    private static void MapUse(RouteGroupBuilder api)
    {
        api.MapPost("/limits/record", RecordUsage.Record)
            .WithName("recordLimitedUse")
            .WithSummary("Count something about to be used, if the limit allows it: the promise")
            .MayAnswer(
                LimitsProblems.InvalidLimitInput,
                LimitsProblems.LimitExceeded,
                LimitsProblems.FeatureDisabled,
                LimitsProblems.SubscriptionCanceled,
                LimitsProblems.LimitNotConfigured,
                LimitsProblems.LimitKeyConflict,
                LimitsProblems.LimitKeyEnded,
                LimitsProblems.LimitsUnavailable)
            .Idempotent()
            .Requires(Permission.EventsWrite);
        MapChange(api, "release", RecordUsage.Release, "releaseLimitedUse", "Give back what was counted under a key");
        MapChange(api, "confirm", RecordUsage.Confirm, "confirmLimitedUse", "Say that what was counted did happen");
        MapChange(api, "renew", RecordUsage.Renew, "renewLimitedUse", "Say that the holder of a key lives");
    }

    private static void MapChange(RouteGroupBuilder api, string verb, Delegate handler, string name, string summary) =>
        api.MapPost($"/limits/{verb}", handler)
            .WithName(name)
            .WithSummary(summary)
            .MayAnswer(
                LimitsProblems.InvalidLimitInput,
                PlatformProblems.NotFound,
                LimitsProblems.LimitKeyEnded,
                LimitsProblems.LimitsUnavailable)
            .Idempotent()
            .Requires(Permission.EventsWrite);

    private static void MapBudgets(RouteGroupBuilder api)
    {
        api.MapGet("/budgets", BudgetEndpoints.List)
            .WithName("listBudgets")
            .WithSummary("List budgets of spending, and how far each is used")
            .MayAnswer(LimitsProblems.InvalidLimitInput, PlatformProblems.NotFound)
            .Requires(Permission.UsageRead);
        api.MapPost("/budgets", BudgetEndpoints.Create)
            .WithName("createBudget")
            .WithSummary("Bound what a key, a session, a project or the organisation spends in a window of time")
            .MayAnswer(LimitsProblems.InvalidLimitInput, LimitsProblems.TooManyBudgets)
            .Idempotent()
            .Requires(Permission.BudgetsManage);
        api.MapGet("/budgets/{id}", BudgetEndpoints.Show)
            .WithName("getBudget")
            .WithSummary("Show a budget and how far it is used")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.UsageRead);
        api.MapPatch("/budgets/{id}", BudgetEndpoints.Change)
            .WithName("changeBudget")
            .WithSummary("Change a budget's amount, posture or thresholds; what was spent stays")
            .MayAnswer(LimitsProblems.InvalidLimitInput, PlatformProblems.NotFound, LimitsProblems.BudgetEnded)
            .Idempotent()
            .Requires(Permission.BudgetsManage);
        api.MapDelete("/budgets/{id}", BudgetEndpoints.End)
            .WithName("endBudget")
            .WithSummary("End a budget: it bounds nothing any more")
            .MayAnswer(PlatformProblems.NotFound, LimitsProblems.BudgetEnded)
            .Idempotent()
            .Requires(Permission.BudgetsManage);
    }

    private static void MapOperator(RouteGroupBuilder api)
    {
        api.MapPut("/billing/overrides", SetOverrides.Endpoint)
            .WithName("setLimitOverrides")
            .WithSummary("Replace an organisation's overrides of its plan's limits")
            .MayAnswer(LimitsProblems.InvalidLimitInput, PlatformProblems.NotFound)
            .Idempotent()
            .Requires(Permission.BillingManage);
        api.MapPut("/billing/balance-alert", SetBalanceAlert.Endpoint)
            .WithName("setBalanceAlert")
            .WithSummary("Set below which credit a billing account hears that it is low")
            .MayAnswer(LimitsProblems.InvalidLimitInput, PlatformProblems.NotFound)
            .Idempotent()
            .Requires(Permission.BillingManage);
        api.MapPost("/billing/state", ChangeState.Endpoint)
            .WithName("changeBillingState")
            .WithSummary("Move a subscription along: trial, active, past due, canceled")
            .MayAnswer(LimitsProblems.InvalidLimitInput, LimitsProblems.BillingStateRefused, PlatformProblems.NotFound)
            .Idempotent()
            .Requires(Permission.BillingManage);
    }

    // A look at everything: having found something is no reason to look again at once.
    private static async Task<bool> Watch(PumpTurn turn, CancellationToken cancellationToken)
    {
        var isTold = await turn.Services.GetRequiredService<WatchLimits>().Run(turn.Shards, cancellationToken);
        isTold |= await turn.Services.GetRequiredService<WatchBalances>().Run(turn.Shards, cancellationToken);
        if (isTold)
        {
            turn.Services.GetRequiredService<Jobs>().Hint();
        }

        return false;
    }

    private static Task<bool> HandOverLapsed(PumpTurn turn, CancellationToken cancellationToken) =>
        turn.Services.GetRequiredService<Spending>()
            .HandOverLapsed(turn.Services.GetService<ISpendLapse>(), cancellationToken);

    private static async Task<bool> GiveBackExpired(PumpTurn turn, CancellationToken cancellationToken)
    {
        var expired = await LimitRows.Expired(
            turn.Services.GetRequiredService<NpgsqlDataSource>(),
            turn.Services.GetRequiredService<TimeProvider>().GetUtcNow(),
            cancellationToken);
        await turn.Services.GetRequiredService<Quotas>().Sweep(expired, cancellationToken);
        return expired.Count > 0;
    }
}
