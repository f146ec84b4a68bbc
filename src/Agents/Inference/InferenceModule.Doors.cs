using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Inference.Internal;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>The doors for pages of this host.</summary>
public static partial class InferenceModule
{
    private static void AddDoors(IServiceCollection services)
    {
        services.AddSingleton(provider => new VirtualKeys(provider.GetRequiredService<KeepKeys>()));
        services.AddSingleton(provider => new CallHistory(
            provider.GetRequiredService<ReadRequests>(),
            provider.GetRequiredService<SummariseUsage>(),
            provider.GetRequiredService<TeamCallers>(),
            provider.GetRequiredService<OrganisationClock>()));
        services.AddSingleton(provider => new GatewayCalls(
            provider.GetRequiredService<PrepareCall>(), provider.GetRequiredService<CallModel>()));
        services.AddSingleton(provider => new GatewayDesk(
            provider.GetRequiredService<ReadMargins>(),
            provider.GetRequiredService<ReviewCalls>(),
            provider.GetRequiredService<ConfigureProviders>(),
            provider.GetRequiredService<ConfigureModels>(),
            provider.GetRequiredService<SetUnpricedModels>()));
        services.AddSingleton(provider => new ContentDesk(
            provider.GetRequiredService<SetContentPolicy>(),
            provider.GetRequiredService<ReadContent>(),
            provider.GetRequiredService<ReadSavings>(),
            provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton(provider => new OwnCredentials(
            provider.GetRequiredService<KeepCredentials>(), provider.GetRequiredService<ConfigureProviders>()));
        services.AddSingleton(provider => new OwnRouting(
            provider.GetRequiredService<KeepRoutingRules>(), provider.GetRequiredService<Routes>()));
    }
}
