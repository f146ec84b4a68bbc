using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Accounts;
using Quoin.Inference.Internal;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>The money path: what stands at the seams before and after a call, and what follows from it.</summary>
public static partial class InferenceModule
{
    private static void AddMoney(IServiceCollection services)
    {
        services.AddSingleton<CompletionMeters>();
        services.AddSingleton<CallPrices>();
        services.AddSingleton<KeyPolicies>();
        services.AddSingleton<KeyChecks>();
        services.AddSingleton<UnpricedModels>();
        services.AddSingleton<OpenCalls>();
        services.AddSingleton<MoneyMetrics>();
        services.AddSingleton<IAdmission, AdmitCalls>();
        services.AddSingleton<CallJournal>();
        services.AddSingleton<ISettlement, SettleCalls>();
        services.AddSingleton<ISpendLapse, RecoverCalls>();
        services.AddSingleton<TellUsage>();
        services.AddSingleton<ReadRequests>();
        services.AddSingleton<TeamCallers>();
        services.AddSingleton<SummariseUsage>();
        services.AddSingleton<ReadMargins>();
        services.AddSingleton<ReviewCalls>();
        services.AddSingleton<SetUnpricedModels>();
        services.AddSingleton<ChangesInTurn>();
        services.AddSingleton<KeepKeys>();
        services.AddRecurringJob("inference.purge_key_minutes", Limits.MinutesPurgedEvery, (run, cancellationToken) =>
            KeyPolicyRows.Purge(
                run.Services.GetRequiredService<NpgsqlDataSource>(),
                run.Services.GetRequiredService<TimeProvider>().GetUtcNow(),
                cancellationToken));
        services.AddPump(new PumpOptions(
            TellUsage.Pump,
            (turn, cancellationToken) => turn.Services.GetRequiredService<TellUsage>().Run(turn, cancellationToken))
        {
            Shards = Limits.TellShards,
            Rest = Limits.TellRest,
            Depth = (services, cancellationToken) => services.GetRequiredService<TellUsage>().Depth(cancellationToken),
        });
    }

    private static void MapMoney(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Inference").LimitsBody(Limits.MoneyBodyBytesMax);
        api.MapGet("/requests", ReadRequests.List)
            .WithName("listRequests")
            .WithSummary("List calls of models, with what each used and costs, newest first")
            .Requires(Permission.UsageRead);
        api.MapGet("/requests/{request}", ReadRequests.One)
            .WithName("getRequest")
            .WithSummary("Show one call of a model: what it used and what it costs")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.UsageRead);
        api.MapGet("/inference/unpriced-models", SetUnpricedModels.ListEndpoint)
            .WithName("listUnpricedModels")
            .WithSummary("List what was said of calls of models without a price, and why")
            .RequiresWithoutOrg(Permission.InferenceManage);
        api.MapPut("/inference/unpriced-models", SetUnpricedModels.Endpoint)
            .WithName("setUnpricedModels")
            .WithSummary("Say what becomes of calls of models without a price, for the organisation named or for all")
            .MayAnswer(InferenceProblems.InvalidReview)
            .Idempotent()
            .RequiresWithoutOrg(Permission.InferenceManage);
        MapHistory(api);
        MapReviews(api);
        MapKeys(api);
    }

    private static void MapHistory(RouteGroupBuilder api)
    {
        api.MapGet("/usage/history", ReadHistory.List)
            .WithName("getUsageHistory")
            .WithSummary("List calls of models with their tokens and costs, newest first")
            .MayAnswer(InferenceProblems.InvalidUsageRange)
            .Requires(Permission.UsageRead);
        api.MapGet("/usage/summary", SummariseUsage.Endpoint)
            .WithName("getUsageSummary")
            .WithSummary("Sum calls of models up over time, by model, key, project, session or end user")
            .MayAnswer(InferenceProblems.InvalidUsageRange)
            .Requires(Permission.UsageRead);
        api.MapGet("/usage/export", ReadHistory.Export)
            .WithName("exportUsage")
            .WithSummary("Export calls of models as CSV or JSON")
            .Produces<IReadOnlyList<HistoryItem>>(StatusCodes.Status200OK, "application/json", "text/csv")
            .MayAnswer(InferenceProblems.InvalidUsageRange)
            .Requires(Permission.UsageRead);
    }

    private static void MapKeys(RouteGroupBuilder api)
    {
        api.MapPost("/inference/keys", KeyEndpoints.Create)
            .WithName("createVirtualKey")
            .WithSummary("Make a key that calls models, with rules and a budget; its secret is shown this once")
            .MayAnswer(InferenceProblems.InvalidKeyPolicy, AccountsProblems.TooManyKeys, PlatformProblems.NotFound)
            .Idempotent()
            .Requires(Permission.KeysManage);
        api.MapGet("/inference/keys", KeyEndpoints.List)
            .WithName("listVirtualKeys")
            .WithSummary("List the keys that call models, newest first")
            .Requires(Permission.KeysManage);
        api.MapGet("/inference/keys/{key}", KeyEndpoints.One)
            .WithName("getVirtualKey")
            .WithSummary("Show a key that calls models: its rules, and how far its budgets are used")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.KeysManage);
        api.MapPut("/inference/keys/{key}/rules", KeyEndpoints.Change)
            .WithName("setVirtualKeyRules")
            .WithSummary("Replace what a key is held to, on every replica within a second")
            .MayAnswer(InferenceProblems.InvalidKeyPolicy, PlatformProblems.NotFound, InferenceProblems.KeysBusy)
            .Idempotent()
            .Requires(Permission.KeysManage);
        api.MapPost("/inference/keys/{key}/rotate", KeyEndpoints.Rotate)
            .WithName("rotateVirtualKey")
            .WithSummary("Replace a key; the new one has the same rules and budgets")
            .MayAnswer(
                InferenceProblems.InvalidKeyPolicy,
                PlatformProblems.NotFound,
                AccountsProblems.KeyNotInUse,
                AccountsProblems.KeyIsAPersons,
                AccountsProblems.KeyRotationRunning)
            .Idempotent()
            .Requires(Permission.KeysManage);
        api.MapPost("/inference/keys/{key}/revoke", KeyEndpoints.Revoke)
            .WithName("revokeVirtualKey")
            .WithSummary("Revoke a key; every replica refuses it within a second")
            .MayAnswer(InferenceProblems.InvalidKeyPolicy, PlatformProblems.NotFound)
            .Idempotent()
            .Requires(Permission.KeysManage);
    }

    private static void MapReviews(RouteGroupBuilder api)
    {
        api.MapGet("/inference/margins", ReadMargins.Endpoint)
            .WithName("getInferenceMargins")
            .WithSummary("Show what is left of what customers pay, by model, customer or day, the worst first")
            .MayAnswer(InferenceProblems.InvalidUsageRange)
            .RequiresWithoutOrg(Permission.InferenceManage);
        api.MapGet("/inference/reviews", ReviewEndpoints.List)
            .WithName("listInferenceReviews")
            .WithSummary("List calls that somebody has to look into, the oldest first")
            .RequiresWithoutOrg(Permission.InferenceManage);
        api.MapPut("/inference/reviews/{request}", ReviewEndpoints.Attach)
            .WithName("attachToInferenceReview")
            .WithSummary("Say which model answered a call, and what it used")
            .MayAnswer(InferenceProblems.InvalidReview, PlatformProblems.NotFound, InferenceProblems.ReviewOver)
            .Idempotent()
            .Requires(Permission.InferenceManage);
        api.MapPost("/inference/reviews/{request}/settle", ReviewEndpoints.Settle)
            .WithName("settleInferenceReview")
            .WithSummary("Charge a call what it is known to have used")
            .MayAnswer(
                InferenceProblems.InvalidReview,
                PlatformProblems.NotFound,
                InferenceProblems.ReviewOver,
                InferenceProblems.UsageNotKnown,
                InferenceProblems.ModelNotPriced)
            .Idempotent()
            .Requires(Permission.InferenceManage);
        api.MapPost("/inference/reviews/{request}/waive", ReviewEndpoints.Waive)
            .WithName("waiveInferenceReview")
            .WithSummary("Charge nothing for a call, and give its reservation back")
            .MayAnswer(
                InferenceProblems.InvalidReview,
                PlatformProblems.NotFound,
                InferenceProblems.ReviewOver,
                InferenceProblems.SpendingUnavailable)
            .Idempotent()
            .Requires(Permission.InferenceManage);
    }
}
