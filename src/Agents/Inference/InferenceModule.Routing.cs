using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Inference.Internal;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>Choosing who answers, and how providers are.</summary>
public static partial class InferenceModule
{
    private static void AddRouting(IServiceCollection services)
    {
        services.AddSingleton<ProviderConnections>();
        services.AddSingleton<IModelProvider, HttpProvider>();
        services.AddSingleton<IModelProvider, BedrockProvider>();
        services.AddSingleton<IModelProvider, DemoProvider>();
        services.AddSingleton<DeploymentWatches>();
        services.AddSingleton<GenAiTelemetry>();
        services.AddSingleton<Routes>();
        services.AddSingleton<OrgRouting>();
        services.AddSingleton<ShadowCalls>();
        services.AddHostedService(provider => provider.GetRequiredService<ShadowCalls>());
        services.AddSingleton<ReadShadows>();
        services.AddRecurringJob("inference.purge_shadow_calls", Limits.ShadowsPurgedEvery, (run, cancellationToken) =>
            ShadowCalls.Purge(
                run.Services.GetRequiredService<NpgsqlDataSource>(),
                run.Services.GetRequiredService<TimeProvider>().GetUtcNow(),
                cancellationToken));
        services.AddSingleton<KeepCredentials>();
        services.AddSingleton<KeepRoutingRules>();
        services.AddSingleton(provider => new ProviderHealth(
            provider.GetRequiredService<Routes>(),
            provider.GetRequiredService<Replica>(),
            provider.GetRequiredService<TimeProvider>()));
    }

    private static void MapRouting(RouteGroupBuilder api)
    {
        api.MapGet("/inference/health", ReadHealth.Endpoint)
            .WithName("getInferenceHealth")
            .WithSummary("Show how the deployments of models are, as the replica that answers saw them")
            .RequiresWithoutOrg(Permission.InferenceManage);
        api.MapGet("/inference/shadows", ReadShadows.Endpoint)
            .WithName("listInferenceShadows")
            .WithSummary("Sum up what copies of calls came to at deployments that are tried out")
            .MayAnswer(InferenceProblems.InvalidUsageRange)
            .RequiresWithoutOrg(Permission.InferenceManage);
        var own = api.MapGroup("/inference").LimitsBody(Limits.ConfigurationBytesMax);
        own.MapGet("/credentials", KeepCredentials.ListEndpoint)
            .WithName("listOwnCredentials")
            .WithSummary("List the providers that the organisation has keys of its own for")
            .Requires(Permission.OrganisationManage);
        own.MapPut("/credentials/{provider}", KeepCredentials.SetEndpoint)
            .WithName("setOwnCredential")
            .WithSummary("Have calls at a provider made with the organisation's own key")
            .ShowsBody("""{"credential":"sk-…","reason":"Our own contract"}""")
            .MayAnswer(InferenceProblems.InvalidModelConfiguration, PlatformProblems.NotFound)
            .Requires(Permission.OrganisationManage);
        own.MapDelete("/credentials/{provider}", KeepCredentials.RemoveEndpoint)
            .WithName("removeOwnCredential")
            .WithSummary("Have calls at a provider made with the operator's key again")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.OrganisationManage);
        own.MapGet("/routing-rules", KeepRoutingRules.ReadEndpoint)
            .WithName("getRoutingRules")
            .WithSummary("Show what deployments must be to answer the organisation's calls")
            .Requires(Permission.OrganisationRead);
        own.MapPut("/routing-rules", KeepRoutingRules.SetEndpoint)
            .WithName("setRoutingRules")
            .WithSummary("Say what deployments must be to answer the organisation's calls")
            .ShowsBody("""{"required_tags":["gdpr"],"regions":["eu"],"reason":"Data stays in the EU"}""")
            .MayAnswer(InferenceProblems.InvalidModelConfiguration)
            .Requires(Permission.OrganisationManage);
    }
}
