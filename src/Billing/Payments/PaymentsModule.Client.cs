using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quoin.Payments.Stripe;

namespace Quoin.Payments;

/// <content>The provider, and what is kept of it beside checkouts: prices, customers, methods.</content>
public static partial class PaymentsModule
{
    private static void AddClient(IServiceCollection services)
    {
        services.TryAddSingleton(StripeAccounts.None);
        services.TryAddSingleton<IPaymentProviders, StripeProviders>();
    }

    private static void MapClient(IEndpointRouteBuilder app)
    {
    }
}
