using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Quoin.Payments;

/// <summary>The table of contents of payments: what customers pay, through a provider.</summary>
public static class PaymentsModule
{
    /// <summary>Adds payments to the host. Needs Platform, Accounts, Ledger, Pricing and Limits.</summary>
    public static IServiceCollection AddPayments(this IServiceCollection services) => services;

    /// <summary>Maps the endpoints of payments.</summary>
    public static void MapPayments(this IEndpointRouteBuilder app) => ArgumentNullException.ThrowIfNull(app);
}
