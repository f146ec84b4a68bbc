using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Payments.ExploreBilling;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepBooks;
using Quoin.Payments.KeepCatalogue;
using Quoin.Payments.ReconcileClearing;
using Quoin.Payments.RecoverSessions;
using Quoin.Payments.SyncPrices;
using Quoin.Platform;

namespace Quoin.Payments;

/// <content>The finance desk: what happened in billing, and what people do about it.</content>
public static partial class PaymentsModule
{
    private static void AddDesk(IServiceCollection services)
    {
        services.AddSingleton<BillingEvents>();
        services.AddSingleton<Timeline>();
        services.AddSingleton(provider => new BillingTrail(
            provider.GetRequiredService<BillingEvents>(), provider.GetRequiredService<Timeline>()));
        services.AddSingleton<SessionReader>();
        services.AddSingleton<SessionOperations>();
        services.AddSingleton(provider => new PaymentSessions(
            provider.GetRequiredService<SessionReader>(), provider.GetRequiredService<SessionOperations>()));
        services.AddSingleton<FindingOperations>();
        services.AddSingleton(provider => new PaymentReconciliations(
            provider.GetRequiredService<ReconciliationRuns>(),
            provider.GetRequiredService<RunOperations>(),
            provider.GetRequiredService<Findings>(),
            provider.GetRequiredService<FindingOperations>(),
            provider.GetRequiredService<ClearingReport>(),
            provider.GetRequiredService<ClearingStore>()));
        services.AddSingleton(provider => new DeadLetters(
            provider.GetRequiredService<WebhookOperations>(),
            provider.GetRequiredService<RemediationOperations>(),
            provider.GetRequiredService<Jobs>()));
        services.AddSingleton(provider => new DisputeDesk(provider.GetRequiredService<AnswerDisputes.AnswerDisputes>()));
        services.AddSingleton(provider => new PlanPrices(
            provider.GetRequiredService<PlanPriceEndpoints>(), provider.GetRequiredService<CatalogueKeeping>()));
    }

    private static void MapDesk(IEndpointRouteBuilder app)
    {
        var payments = app.MapGroup("/v1/payments").WithTags("Payments").LimitsBody(Limits.BodyBytesMax);
        payments.MapGet("/events", ExplorerEndpoints.Search)
            .WithName("listBillingEvents")
            .WithSummary("List or search what happened in billing, whatever keeps it, newest first")
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        payments.MapGet("/events/{id}", ExplorerEndpoints.Follow)
            .WithName("getBillingTrail")
            .WithSummary("Show a billing event and everything of its operation, from the request to the books")
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        payments.MapGet("/accounts/{billing_account}/timeline", ExplorerEndpoints.OfAccount)
            .WithName("getAccountTimeline")
            .WithSummary("List what happened to a billing account, newest first, the machine's insides included")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.ReconciliationManage);
        MapSessions(payments);
        payments.MapGet("/unattributed-movements", UnattributedEndpoint.List)
            .WithName("listUnattributedMovements")
            .WithSummary("List what the payment provider moved and nobody knows whose it is, newest first")
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        app.MapGroup("/v1/billing").WithTags("Buying").LimitsBody(Limits.BodyBytesMax)
            .MapGet("/timeline", ExplorerEndpoints.Own)
            .WithName("getOwnTimeline")
            .WithSummary("List what happened to the billing account, newest first")
            .NamesBillingAccount()
            .Requires(Permission.LedgerRead);
    }

    private static void MapSessions(RouteGroupBuilder payments)
    {
        payments.MapGet("/sessions", SessionEndpoints.List)
            .WithName("listPaymentSessions")
            .WithSummary("List requests to pay and the pages they opened, newest first; all or those that are stuck")
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        payments.MapGet("/sessions/{id}", SessionEndpoints.One)
            .WithName("getPaymentSession")
            .WithSummary("Show a payment session, and why it does not end by itself")
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        payments.MapPost("/requests/{request}/recover", SessionEndpoints.Recover)
            .WithName("recoverPaymentRequest")
            .WithSummary("Go on now with a request whose worker stopped")
            .MayAnswer(
                PlatformProblems.NotFound,
                PaymentsProblems.InvalidPaymentInput,
                PaymentsProblems.PaymentsNotConfigured,
                PaymentsProblems.RequestInProgress,
                PaymentsProblems.CheckoutTransitionInvalid)
            .Idempotent()
            .Requires(Permission.ReconciliationManage);
        payments.MapPost("/checkouts/{checkout}/expire", SessionEndpoints.Expire)
            .WithName("expireCheckout")
            .WithSummary("Have an open checkout closed at the provider; its news ends it here")
            .MayAnswer(
                PlatformProblems.NotFound,
                PaymentsProblems.InvalidPaymentInput,
                PaymentsProblems.PaymentsNotConfigured,
                PaymentsProblems.CheckoutTransitionInvalid)
            .Idempotent()
            .Requires(Permission.ReconciliationManage);
    }
}
