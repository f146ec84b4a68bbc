using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quoin.Accounts;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepCustomers;
using Quoin.Payments.KeepMethods;
using Quoin.Payments.Stripe;
using Quoin.Payments.SyncPrices;
using Quoin.Payments.TopUpByItself;
using Quoin.Platform;

namespace Quoin.Payments;

/// <content>The provider, and what is kept of it beside payments: prices, customers, methods, automatic charges.</content>
public static partial class PaymentsModule
{
    private static void AddClient(IServiceCollection services)
    {
        services.TryAddSingleton(StripeAccounts.None);
        services.TryAddSingleton<IPaymentProviders, StripeProviders>();
        services.AddSingleton<PriceSyncStore>();
        services.AddSingleton<SyncPlanPrices>();
        services.AddSingleton<PlanPriceEndpoints>();
        services.AddSingleton<ProviderCustomers>();
        services.AddSingleton<LinkCustomer>();
        services.AddSingleton<MethodStore>();
        services.AddSingleton<SyncMethods>();
        services.AddSingleton<ChangeMethods>();
        services.AddSingleton<MethodEndpoints>();
        services.AddSingleton(provider => new PaymentMethods(
            provider.GetRequiredService<IPaymentProviders>(),
            provider.GetRequiredService<MethodStore>(),
            provider.GetRequiredService<SyncMethods>(),
            provider.GetRequiredService<ChangeMethods>(),
            provider.GetRequiredService<Checkouts>()));
        services.AddSingleton<IPaymentMethodNews, ProjectPaymentMethods>();
        services.TryAddSingleton<IAutoTopUpMoney, AutoTopUpMoney>();
        services.AddSingleton<AutoTopUpStore>();
        services.AddSingleton<ChargeStore>();
        services.AddSingleton<FinishCharge>();
        services.AddSingleton<TopUpAccounts>();
        services.AddSingleton<SetAutoTopUps>();
        services.AddSingleton(provider => new AutoTopUps(provider.GetRequiredService<SetAutoTopUps>()));
        services.AddSingleton<AutoTopUpEndpoints>();
        services.AddPaymentLoop("payments.top_up_accounts", _ => ClientLimits.AutoTopUpsEvery, TopUp);
        services.AddPaymentLoop("payments.sync_plan_prices", _ => ClientLimits.PricesEvery, (run, cancellationToken) =>
            run.Services.GetRequiredService<SyncPlanPrices>().Sweep(cancellationToken));
    }

    private static void MapClient(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/v1").WithTags("Payments").LimitsBody(ClientLimits.BodyBytesMax);
        MapPrices(api);
        MapMethods(api);
        MapAutoTopUps(api);
    }

    private static async Task TopUp(JobRun run, CancellationToken cancellationToken)
    {
        var failures = new Failures();
        await failures.Keep(() => run.Services.GetRequiredService<FinishCharge>().AskDue(cancellationToken));
        await failures.Keep(() => run.Services.GetRequiredService<TopUpAccounts>().Sweep(cancellationToken));
        failures.ThrowIfAny();
    }

    private static void MapAutoTopUps(RouteGroupBuilder api)
    {
        api.MapGet("/billing/auto-top-up", AutoTopUpEndpoints.Show)
            .WithName("getAutoTopUp")
            .WithSummary("Show when and how the billing account's credit is bought by itself")
            .Produces<AutoTopUp>()
            .MayAnswerOfAccount()
            .Requires(Permission.BillingPurchase);
        api.MapPut("/billing/auto-top-up", AutoTopUpEndpoints.Set)
            .WithName("setAutoTopUp")
            .WithSummary("Buy credit by itself when it runs low, up to a monthly cap")
            .Produces<AutoTopUp>()
            .MayAnswerOfAccount()
            .MayAnswer(
                PaymentsProblems.InvalidPaymentInput,
                PaymentsProblems.PaymentsNotConfigured,
                ProviderProblems.MethodRequired)
            .Idempotent()
            .Requires(Permission.BillingPurchase);
        api.MapDelete("/billing/auto-top-up", AutoTopUpEndpoints.Remove)
            .WithName("removeAutoTopUp")
            .WithSummary("No longer buy credit by itself; a charge on its way is finished")
            .Produces(StatusCodes.Status204NoContent)
            .MayAnswerOfAccount()
            .Idempotent()
            .Requires(Permission.BillingPurchase);
    }

    private static RouteHandlerBuilder MayAnswerOfAccount(this RouteHandlerBuilder endpoint) => endpoint.MayAnswer(
        PlatformProblems.NotFound, AccountsProblems.BillingAccountClosed, AccountsProblems.BillingSelectionRequired);

    private static void MapPrices(RouteGroupBuilder api)
    {
        api.MapGet("/payments/plan-prices", PlanPriceEndpoints.List)
            .WithName("listPlanPrices")
            .WithSummary("List which plans can be sold through the payment provider, and why others cannot")
            .Produces<Page<PlanPriceRow>>()
            .RequiresWithoutOrg(Permission.PricesWrite);
        api.MapPost("/payments/plan-prices/{plan_version}/sync", PlanPriceEndpoints.Sync)
            .WithName("syncPlanPrice")
            .WithSummary("Bring a plan's version to the payment provider now")
            .Produces<Page<PlanPriceRow>>()
            .MayAnswer(PlatformProblems.NotFound)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PricesWrite);
    }

    private static void MapMethods(RouteGroupBuilder api)
    {
        api.MapGet("/billing/payment-methods", MethodEndpoints.List)
            .WithName("listPaymentMethods")
            .WithSummary("List the ways the billing account can pay")
            .Produces<MethodsAnswer>()
            .MayAnswerOfAccount()
            .Requires(Permission.BillingPurchase);
        api.MapPost("/billing/payment-methods/sync", MethodEndpoints.Sync)
            .WithName("syncPaymentMethods")
            .WithSummary("Ask the payment provider for the ways the billing account can pay")
            .Produces<MethodsSyncAnswer>()
            .MayAnswerOfMethods()
            .Idempotent()
            .Requires(Permission.BillingPurchase);
        api.MapPut("/billing/payment-methods/{payment_method}/default", MethodEndpoints.SetDefault)
            .WithName("setDefaultPaymentMethod")
            .WithSummary("Let later payments use a payment method")
            .Produces<MethodsAnswer>()
            .MayAnswerOfMethods()
            .Idempotent()
            .Requires(Permission.BillingPurchase);
        api.MapDelete("/billing/payment-methods/{payment_method}", MethodEndpoints.Detach)
            .WithName("removePaymentMethod")
            .WithSummary("Take a payment method away, here and at the payment provider")
            .Produces<MethodsAnswer>()
            .MayAnswerOfMethods()
            .Idempotent()
            .Requires(Permission.BillingPurchase);
        api.MapPost("/payments/customers", LinkCustomer.Endpoint)
            .WithName("linkPaymentCustomer")
            .WithSummary("Link a billing account to a customer the payment provider has")
            .Produces<CustomerAnswer>()
            .MayAnswerOfMethods()
            .MayAnswer(PaymentsProblems.InvalidPaymentInput, ProviderProblems.CustomerTaken)
            .Idempotent()
            .Requires(Permission.BillingManage);
    }

    private static RouteHandlerBuilder MayAnswerOfMethods(this RouteHandlerBuilder endpoint) => endpoint.MayAnswer(
        PlatformProblems.NotFound,
        AccountsProblems.BillingAccountClosed,
        AccountsProblems.BillingSelectionRequired,
        PaymentsProblems.PaymentsNotConfigured,
        PaymentsProblems.CheckoutProviderError,
        ProviderProblems.ProviderUnavailable);
}
