using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments;

/// <content>Comparing with the provider, forgetting what is old, and what operators do about both.</content>
public static partial class PaymentsModule
{
    private static void AddOperations(IServiceCollection services)
    {
        services.AddSingleton<ReconciliationRuns>();
        services.AddSingleton<ReconcileCheckouts>();
        services.AddSingleton<ReconcileCustomers>();
        services.AddSingleton<ReconcileProvider>();
        services.AddSingleton<WebhookOperations>();
        services.AddSingleton<RemediationOperations>();
        services.AddSingleton<SweepPayments>();
        services.AddSingleton<RunOperations>();
        AddLoop(services, ReconciliationScope.PendingRecent, options => options.PendingEvery);
        AddLoop(services, ReconciliationScope.CheckoutOpen, options => options.OpenCheckoutsEvery);
        AddLoop(services, ReconciliationScope.CheckoutCompletedPending, options => options.CompletedCheckoutsEvery);
        AddLoop(services, ReconciliationScope.CheckoutRecoveryVerification, options => options.HoldsEvery);
        AddLoop(services, ReconciliationScope.SubscriptionsActive, options => options.SubscriptionsEvery);
        AddLoop(services, ReconciliationScope.InvoicesRecent, options => options.InvoicesEvery);
        services.AddPaymentJob<ReconcileNow>((run, job, cancellationToken) =>
            run.Services.GetRequiredService<ReconcileProvider>().Run(
                new ProviderPlace(job.Provider, job.Mode), job.Scope, cancellationToken));
        services.AddPaymentLoop("payments.sweep", _ => SweepPayments.Every, (run, cancellationToken) =>
            run.Services.GetRequiredService<SweepPayments>().Run(cancellationToken));
    }

    private static void AddLoop(
        IServiceCollection services, ReconciliationScope scope, Func<PaymentsOptions, TimeSpan> every) =>
        services.AddPaymentLoop(
            $"payments.reconcile_{Word.Of(scope)}",
            every,
            (run, cancellationToken) =>
                run.Services.GetRequiredService<ReconcileProvider>().RunAll(scope, cancellationToken));

    private static void MapOperations(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/v1/payments").WithTags("Payments").LimitsBody(Limits.BodyBytesMax);
        MapEvents(api);
        MapRemediations(api);
        MapRuns(api);
    }

    private static void MapEvents(RouteGroupBuilder api)
    {
        api.MapGet("/webhook-events", OperatorEndpoints.ListEvents)
            .WithName("listProviderEvents")
            .WithSummary("List or search the provider's news, newest first")
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapGet("/webhook-events/{event}", OperatorEndpoints.OneEvent)
            .WithName("getProviderEvent")
            .WithSummary("Show one piece of the provider's news and what came of it")
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapPost("/webhook-events/{event}/replay", OperatorEndpoints.ReplayEvent)
            .WithName("replayProviderEvent")
            .WithSummary("Have an event gone through again that failed or was given up")
            .MayAnswer(
                PlatformProblems.NotFound, PaymentsProblems.InvalidPaymentInput, PaymentsProblems.WebhookNotReplayable)
            .Idempotent()
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapPost("/webhook-events/{event}/discard", OperatorEndpoints.DiscardEvent)
            .WithName("discardProviderEvent")
            .WithSummary("Lay an event aside that failed or was given up; it changes nothing")
            .MayAnswer(
                PlatformProblems.NotFound, PaymentsProblems.InvalidPaymentInput, PaymentsProblems.WebhookNotReplayable)
            .Idempotent()
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapPost("/webhook-events/replay-dead", OperatorEndpoints.ReplayDead)
            .WithName("replayDeadProviderEvents")
            .WithSummary("Have all events gone through again that were given up")
            .MayAnswer(PaymentsProblems.InvalidPaymentInput)
            .Idempotent()
            .RequiresWithoutOrg(Permission.ReconciliationManage);
    }

    private static void MapRemediations(RouteGroupBuilder api)
    {
        api.MapGet("/remediations", OperatorEndpoints.ListRemediations)
            .WithName("listRemediations")
            .WithSummary("List what is being ended at the provider because it should not be there, newest first")
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapPost("/remediations/{remediation}/retry", OperatorEndpoints.RetryRemediation)
            .WithName("retryRemediation")
            .WithSummary("Try a remediation again that was given up")
            .MayAnswer(
                PlatformProblems.NotFound, PaymentsProblems.InvalidPaymentInput, PaymentsProblems.RemediationNotRetryable)
            .Idempotent()
            .Requires(Permission.ReconciliationManage);
        api.MapPost("/remediations/{remediation}/discard", OperatorEndpoints.DiscardRemediation)
            .WithName("discardRemediation")
            .WithSummary("Lay a remediation aside that was given up; what is at the provider stays there")
            .MayAnswer(
                PlatformProblems.NotFound, PaymentsProblems.InvalidPaymentInput, PaymentsProblems.RemediationNotRetryable)
            .Idempotent()
            .Requires(Permission.ReconciliationManage);
        api.MapPost("/checkouts/{checkout}/requery", OperatorEndpoints.Requery)
            .WithName("requeryCheckout")
            .WithSummary("Ask the provider about a checkout now, and settle or end it accordingly")
            .MayAnswer(
                PlatformProblems.NotFound,
                PaymentsProblems.InvalidPaymentInput,
                PaymentsProblems.PaymentsNotConfigured,
                PaymentsProblems.ReconciliationRunning)
            .Idempotent()
            .Requires(Permission.ReconciliationManage);
    }

    private static void MapRuns(RouteGroupBuilder api)
    {
        api.MapPost("/reconciliation-runs", OperatorEndpoints.StartRun)
            .WithName("startPaymentReconciliation")
            .WithSummary("Compare a part of what is stored with the provider now")
            .MayAnswer(
                PaymentsProblems.InvalidPaymentInput,
                PaymentsProblems.PaymentsNotConfigured,
                PaymentsProblems.ReconciliationRunning)
            .Idempotent()
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapGet("/reconciliation-runs", OperatorEndpoints.ListRuns)
            .WithName("listPaymentReconciliations")
            .WithSummary("List comparisons with the provider, newest first")
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapGet("/reconciliation-runs/{run}", OperatorEndpoints.OneRun)
            .WithName("getPaymentReconciliation")
            .WithSummary("Show one comparison with the provider")
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapGet("/reconciliation-runs/{run}/findings", OperatorEndpoints.Findings)
            .WithName("listPaymentReconciliationFindings")
            .WithSummary("List what did not fit, and what became of it")
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.ReconciliationManage);
        api.MapPost("/retention-sweeps", OperatorEndpoints.Sweep)
            .WithName("sweepPayments")
            .WithSummary("Forget what is old now, or count what would be forgotten")
            .MayAnswer(PaymentsProblems.InvalidPaymentInput)
            .Idempotent()
            .RequiresWithoutOrg(Permission.ReconciliationManage);
    }
}
