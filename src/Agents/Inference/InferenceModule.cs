using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quoin.Inference.Internal;

namespace Quoin.Inference;

/// <summary>The table of contents of inference: one door in front of all providers of models.</summary>
public static class InferenceModule
{
    /// <summary>Adds the gateway to the host. Needs Platform, Accounts, Metering and Limits.</summary>
    public static IServiceCollection AddInference(this IServiceCollection services)
    {
        services.TryAddSingleton<OpenDoor>();
        services.TryAddSingleton<IAdmission>(provider => provider.GetRequiredService<OpenDoor>());
        services.TryAddSingleton<ISettlement>(provider => provider.GetRequiredService<OpenDoor>());
        return services;
    }

    /// <summary>Adds the endpoints of the gateway.</summary>
    public static IEndpointRouteBuilder MapInference(this IEndpointRouteBuilder routes) => routes;
}
