using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Quoin.Inference;

/// <summary>The table of contents of inference: one door in front of all providers of models.</summary>
public static partial class InferenceModule
{
    /// <summary>Adds the gateway to the host. Needs Platform, Accounts, Metering and Limits.</summary>
    public static IServiceCollection AddInference(this IServiceCollection services)
    {
        AddMoney(services);
        return services;
    }

    /// <summary>Adds the endpoints of the gateway.</summary>
    public static IEndpointRouteBuilder MapInference(this IEndpointRouteBuilder routes)
    {
        MapMoney(routes);
        return routes;
    }
}
