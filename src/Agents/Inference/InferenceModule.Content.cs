using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Inference.Internal;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>What becomes of what is asked and answered: looked through, kept, given again; by default none of it.</summary>
public static partial class InferenceModule
{
    private static void AddContent(IServiceCollection services)
    {
        foreach (var redactor in PatternRedactor.BuiltIn)
        {
            services.AddSingleton(redactor);
        }

        services.AddSingleton<ContentPolicies>();
        services.AddSingleton<CallContents>();
        services.AddSingleton<KeptContent>();
        services.AddSingleton<CachedAnswers>();
        services.AddSingleton<SetContentPolicy>();
        services.AddSingleton<ReadContent>();
        services.AddSingleton<ReadSavings>();
        services.AddSingleton(provider => new ContentRetention(
            provider.GetRequiredService<KeptContent>(), provider.GetRequiredService<CachedAnswers>()));
        services.AddRecurringJob("inference.purge_content", Limits.ContentPurgedEvery, (run, cancellationToken) =>
            run.Services.GetRequiredService<ContentRetention>().Purge(cancellationToken));
    }

    private static void MapContent(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Inference").LimitsBody(Limits.MoneyBodyBytesMax);
        api.MapGet("/inference/content-policy", SetContentPolicy.ShowEndpoint)
            .WithName("getContentPolicy")
            .WithSummary("Show what becomes of what is asked and answered")
            .Requires(Permission.UsageRead);
        api.MapPut("/inference/content-policy", SetContentPolicy.SetEndpoint)
            .WithName("setContentPolicy")
            .WithSummary("Say what becomes of what is asked and answered: kept for days, given again, looked through")
            .MayAnswer(InferenceProblems.InvalidContentPolicy)
            .ShowsBody("""{"days_kept":30,"cached_seconds":3600,"guard":{"denied":["project x"],"redacts":["email","card"]}}""")
            .Idempotent()
            .Requires(Permission.OrganisationManage);
        api.MapGet("/inference/keys/{key}/guard", SetContentPolicy.ShowGuardEndpoint)
            .WithName("getVirtualKeyGuard")
            .WithSummary("Show what a key's requests are looked through for, besides what its organisation's are")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.KeysManage);
        api.MapPut("/inference/keys/{key}/guard", SetContentPolicy.SetGuardEndpoint)
            .WithName("setVirtualKeyGuard")
            .WithSummary("Say what a key's requests are looked through for, besides what its organisation's are")
            .MayAnswer(InferenceProblems.InvalidContentPolicy, PlatformProblems.NotFound)
            .Idempotent()
            .Requires(Permission.KeysManage);
        api.MapGet("/requests/{request}/content", ReadContent.Endpoint)
            .WithName("getRequestContent")
            .WithSummary("Show what was asked and answered, where it is kept; the audit log says who looked")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.OrganisationManage);
        api.MapGet("/inference/savings", ReadSavings.Endpoint)
            .WithName("getInferenceSavings")
            .WithSummary("Sum up, by model, what giving answers again has saved")
            .MayAnswer(InferenceProblems.InvalidUsageRange)
            .Requires(Permission.UsageRead);
    }
}
