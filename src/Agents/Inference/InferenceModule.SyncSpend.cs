using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Inference.Internal;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>Other gateways whose calls are usage here.</summary>
public static partial class InferenceModule
{
    private static void AddSpendSources(IServiceCollection services)
    {
        services.AddSingleton<SpendLogClient>();
        services.AddSingleton<SyncSpend>();
        services.AddSingleton<KeepSpendSources>();
        services.AddPump(new PumpOptions(
            SyncSpend.Pump,
            (turn, cancellationToken) => turn.Services.GetRequiredService<SyncSpend>().Run(turn, cancellationToken))
        {
            Shards = Limits.SpendShards,
            Depth = (services, cancellationToken) => SpendSourceRows.Depth(
                services.GetRequiredService<NpgsqlDataSource>(),
                services.GetRequiredService<TimeProvider>().GetUtcNow(),
                cancellationToken),
        });
    }

    private static void MapSpendSources(RouteGroupBuilder api)
    {
        var desk = api.MapGroup("/inference").LimitsBody(Limits.ConfigurationBytesMax);
        desk.MapGet("/spend-sources", KeepSpendSources.List)
            .WithName("listSpendSources")
            .WithSummary("List other gateways whose calls are usage of the organisation, and how far each is read")
            .Requires(Permission.InferenceManage);
        desk.MapPut("/spend-sources/{source}", KeepSpendSources.Set)
            .WithName("setSpendSource")
            .WithSummary("Read calls from another LiteLLM as usage of the organisation, or change how")
            .ShowsBody("""{"base_url":"https://litellm.example.com","credential":"sk-…","reason":"It stays for a while"}""")
            .MayAnswer(InferenceProblems.InvalidModelConfiguration, PlatformProblems.NotFound)
            .Requires(Permission.InferenceManage);
        desk.MapDelete("/spend-sources/{source}", KeepSpendSources.Remove)
            .WithName("removeSpendSource")
            .WithSummary("Read another gateway no more; what was read stays")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.InferenceManage);
    }
}
