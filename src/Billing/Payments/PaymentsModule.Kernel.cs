using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Payments.CreatePaymentLink;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepCatalogue;
using Quoin.Payments.OpenPortal;
using Quoin.Payments.ReadBilling;
using Quoin.Payments.RecoverRequests;
using Quoin.Payments.ReleaseCheckout;
using Quoin.Payments.StartCheckout;
using Quoin.Platform;

namespace Quoin.Payments;

/// <summary>Requests to a provider: checkouts, portals, payment links, and going on with what was broken off.</summary>
public static partial class PaymentsModule
{
    private const string KeyMeaning =
        "Names the purchase: the same key and body never buy twice, and get the first answer for at least 30 days.";

    private static void AddKernel(IServiceCollection services)
    {
        services.AddSingleton<AccountLock>();
        services.AddSingleton<ProviderIds>();
        services.AddSingleton<Guardrails>();
        services.AddSingleton<RequestKeys>();
        services.AddSingleton<RequestStore>();
        services.AddSingleton<CheckoutStore>();
        services.AddSingleton<CustomerStore>();
        services.AddSingleton<SubscriptionStore>();
        services.AddSingleton<InvoiceStore>();
        services.AddSingleton<PaymentStore>();
        services.AddSingleton<PaymentStores>();
        services.AddSingleton<SellablePrices>();
        services.AddSingleton<CatalogueStore>();
        services.AddSingleton<ClaimRequests>();
        services.AddSingleton<CheckoutHolds>();
        services.AddSingleton<EndRequests>();
        AddSlices(services);
        AddKernelJobs(services);
    }

    private static void AddSlices(IServiceCollection services)
    {
        services.AddSingleton<PrepareCheckout>();
        services.AddSingleton<FinishCheckout>();
        services.AddSingleton<OpenCheckout>();
        services.AddSingleton<ExpireCheckouts>();
        services.AddSingleton<CallPortal>();
        services.AddSingleton<OpenPortalSession>();
        services.AddSingleton<LinkStore>();
        services.AddSingleton<EndPaymentLink>();
        services.AddSingleton<CallPaymentLink>();
        services.AddSingleton<MakePaymentLink>();
        services.AddSingleton<ReleaseCheckouts>();
        services.AddSingleton<BillingReader>();
        services.AddSingleton<CatalogueKeeping>();
        services.AddSingleton<Recovery>();
        services.AddSingleton<TakeRequests>();
        services.AddSingleton<ForgetRequests>();
        services.AddSingleton<IRequestRecovery, RecoverCheckout>();
        services.AddSingleton<IRequestRecovery>(provider => provider.GetRequiredService<CallPortal>());
        services.AddSingleton<IRequestRecovery>(provider => provider.GetRequiredService<CallPaymentLink>());

        services.AddSingleton(provider => new Checkouts(provider.GetRequiredService<OpenCheckout>()));
        services.AddSingleton(provider => new CustomerBilling(
            provider.GetRequiredService<BillingReader>(), provider.GetRequiredService<CatalogueKeeping>()));
        services.AddSingleton(provider => new Portals(provider.GetRequiredService<OpenPortalSession>()));
        services.AddSingleton(provider => new PaymentLinks(
            provider.GetRequiredService<MakePaymentLink>(),
            provider.GetRequiredService<EndPaymentLink>(),
            provider.GetRequiredService<LinkStore>()));
        services.AddSingleton(provider => new PaymentRecovery(
            provider.GetRequiredService<Recovery>(), provider.GetRequiredService<ForgetRequests>()));
    }

    private static void AddKernelJobs(IServiceCollection services)
    {
        services.AddPaymentJob<ExpireCheckoutJob>(ExpireCheckouts.Run, new JobOptions
        {
            AttemptsMax = Limits.ExpireAttemptsMax,
            RetryFirst = Limits.ExpireRetryFirst,
        });
        services.AddPaymentLoop(
            "payments.recover_requests",
            options => options.RecoverEvery,
            (run, cancellationToken) => run.Services.GetRequiredService<Recovery>().RecoverAll(cancellationToken));
        services.AddPaymentLoop(
            "payments.forget_requests",
            _ => Limits.ForgetEvery,
            (run, cancellationToken) => run.Services.GetRequiredService<ForgetRequests>().Forget(cancellationToken));
    }

    private static void MapKernel(IEndpointRouteBuilder app)
    {
        var buying = app.MapGroup("/v1/billing").WithTags("Buying").LimitsBody(Limits.BodyBytesMax);
        MapBuying(buying);
        buying.MapGet("/plans", BillingReader.ListPlans)
            .WithName("listBillingPlans")
            .WithSummary("List the plans that can be bought, with their prices")
            .Produces<BillingPlanList>()
            .NamesBillingAccount()
            .Requires(Permission.PlansRead);
        buying.MapGet("/subscription", BillingReader.ShowSubscription)
            .WithName("getBillingSubscription")
            .WithSummary("Show the current subscription, with the newest invoices and payments")
            .Produces<BillingOverview>()
            .NamesBillingAccount()
            .Requires(Permission.PlansRead);

        buying.MapGet("/disputes", BillingReader.ListDisputes)
            .WithName("listOwnDisputes")
            .WithSummary("List the billing account's newest disputes, and how each stands")
            .NamesBillingAccount()
            .Requires(Permission.LedgerRead);
        buying.MapGet("/payment-links", EndPaymentLink.List)
            .WithName("listPaymentLinks")
            .WithSummary("List the billing account's payment links, the newest first")
            .NamesBillingAccount()
            .Requires(Permission.BillingPurchase);
        buying.MapPost("/payment-links/{id}/deactivate", EndPaymentLink.Deactivate)
            .WithName("deactivatePaymentLink")
            .WithSummary("End a payment link: nobody can open it any more")
            .MayAnswer(
                PlatformProblems.NotFound,
                PaymentsProblems.PaymentsNotConfigured,
                PaymentsProblems.CheckoutProviderError,
                ProviderProblems.ProviderUnavailable)
            .NamesBillingAccount()
            .Idempotent()
            .Requires(Permission.BillingPurchase);

        buying.MapGet("/catalogue-items", CatalogueKeeping.ListForSale)
            .WithName("listItemsForSale")
            .WithSummary("List what payment links may sell, in the billing account's currency")
            .Produces<CatalogueItemList>()
            .NamesBillingAccount()
            .Requires(Permission.PlansRead);
        MapOperating(app.MapGroup("/v1/payments").WithTags("Payments").LimitsBody(Limits.BodyBytesMax));
    }

    private static void MapOperating(RouteGroupBuilder operating)
    {
        operating.MapGet("/catalogue-items", CatalogueKeeping.ListItems)
            .WithName("listCatalogueItems")
            .WithSummary("List everything that may be sold once, retired items too")
            .Produces<CatalogueItemList>()
            .RequiresWithoutOrg(Permission.PricesWrite);
        operating.MapPost("/catalogue-items", CatalogueKeeping.AddItem)
            .WithName("addCatalogueItem")
            .WithSummary("List something that may be sold once; its price is made at the provider")
            .Produces<CatalogueItem>()
            .MayAnswer(
                PaymentsProblems.InvalidPaymentInput,
                PaymentsProblems.PaymentsNotConfigured,
                PaymentsProblems.CheckoutProviderError)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PricesWrite);
        operating.MapPost("/catalogue-items/{id}/retire", CatalogueKeeping.RetireItem)
            .WithName("retireCatalogueItem")
            .WithSummary("Take an item from sale")
            .Produces<CatalogueItem>()
            .Idempotent()
            .RequiresWithoutOrg(Permission.PricesWrite);
        operating.MapPost("/checkouts/{id}/release", ReleaseCheckouts.Endpoint)
            .WithName("releaseCheckout")
            .WithSummary("End a checkout that blocks its account and does not end by itself")
            .Produces<ReleasedCheckout>()
            .MayAnswer(PaymentsProblems.InvalidPaymentInput, PaymentsProblems.CheckoutTransitionInvalid)
            .Idempotent()
            .Requires(Permission.ReconciliationManage);
    }

    private static void MapBuying(RouteGroupBuilder buying)
    {
        buying.MapPost("/checkout", PaymentEndpoints.Checkout)
            .WithName("openCheckout")
            .WithSummary("Open a checkout: a page to subscribe, to pay once or to leave a payment method")
            .Produces<CheckoutAnswer>()
            .MayAnswer([.. PaymentsProblems.OfRequests])
            .BuysOnce();
        buying.MapPost("/portal", PaymentEndpoints.Portal)
            .WithName("openPortal")
            .WithSummary("Open the provider's own page for payment methods and invoices")
            .Produces<PortalAnswer>()
            .MayAnswer(
                PaymentsProblems.RequestInProgress,
                PaymentsProblems.PortalSubscriptionRequired,
                PaymentsProblems.CheckoutConfigurationInvalid,
                PaymentsProblems.CheckoutRecoveryWindowElapsed,
                PaymentsProblems.CheckoutReplayProvenanceMismatch,
                PaymentsProblems.CheckoutProviderError,
                PlatformProblems.IdempotencyConflict)
            .BuysOnce();
        buying.MapPost("/payment-links", PaymentEndpoints.PaymentLink)
            .WithName("makePaymentLink")
            .WithSummary("Make an address at which anybody can pay for fixed items")
            .Produces<PaymentLinkAnswer>()
            .MayAnswer(
                PaymentsProblems.RequestInProgress,
                PaymentsProblems.CheckoutConfigurationInvalid,
                PaymentsProblems.CheckoutRecoveryWindowElapsed,
                PaymentsProblems.CheckoutReplayProvenanceMismatch,
                PaymentsProblems.CheckoutProviderError,
                PlatformProblems.IdempotencyConflict)
            .BuysOnce();
    }

    private static void BuysOnce(this RouteHandlerBuilder endpoint) => endpoint
        .ReadsHeader(PaymentEndpoints.KeyHeader, KeyMeaning, isRequired: true)
        .MayAnswer(
            PaymentsProblems.IdempotencyKeyRequired,
            PlatformProblems.IdempotencyKeyInvalid,
            PaymentsProblems.InvalidPaymentInput,
            PaymentsProblems.PaymentsNotConfigured)
        .NamesBillingAccount()
        .Requires(Permission.BillingPurchase);

    private static RouteHandlerBuilder NamesBillingAccount(this RouteHandlerBuilder endpoint) => endpoint
        .ReadsHeader(
            BillingAccountSelector.Header, "The billing account meant; needed only where the organisation has several.")
        .MayAnswer(AccountsProblems.BillingAccountClosed, AccountsProblems.BillingSelectionRequired);
}
