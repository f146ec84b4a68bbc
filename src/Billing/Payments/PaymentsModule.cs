using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Quoin.Payments;

/// <summary>
/// The table of contents of payments: what customers pay, through a provider. Each part adds itself in a method of its
/// own.
/// </summary>
public static partial class PaymentsModule
{
    /// <summary>
    /// Adds payments to the host. Needs Platform, Accounts, Ledger, Pricing and Limits; the host may add its
    /// <see cref="PaymentsOptions"/> first.
    /// </summary>
    public static IServiceCollection AddPayments(this IServiceCollection services)
    {
        services.TryAddSingleton(new PaymentsOptions());
        AddKernel(services);
        AddClient(services);
        AddMoney(services);
        AddWebhooks(services);
        AddOperations(services);
        AddDesk(services);
        return services;
    }

    /// <summary>Maps the endpoints of payments.</summary>
    public static void MapPayments(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        MapKernel(app);
        MapClient(app);
        MapWebhooks(app);
        MapOperations(app);
        MapMoney(app);
        MapDesk(app);
    }
}
