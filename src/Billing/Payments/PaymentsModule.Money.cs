using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Payments.AnswerDisputes;
using Quoin.Payments.BuyCredit;
using Quoin.Payments.ChangeSubscription;
using Quoin.Payments.FollowSubscription;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepBooks;
using Quoin.Payments.ReconcileClearing;
using Quoin.Payments.RecoverRequests;
using Quoin.Payments.RefundPayments;
using Quoin.Platform;

namespace Quoin.Payments;

/// <content>Money: purchases, the books, plans that follow subscriptions, refunds, disputes, payouts.</content>
public static partial class PaymentsModule
{
    private static void AddMoney(IServiceCollection services)
    {
        services.AddSingleton<PurchaseStore>();
        services.AddSingleton<PaymentBooks>();
        services.AddSingleton<Findings>();
        services.AddSingleton<SettlePayments>();
        services.AddSingleton<BuyCredit.BuyCredit>();
        services.AddSingleton(provider => new TopUps(provider.GetRequiredService<BuyCredit.BuyCredit>()));
        services.AddSingleton<FollowedAccounts>();
        services.AddSingleton<FollowSubscriptions>();
        services.AddSingleton<IPaymentFacts, PaymentFacts>();
        services.AddSingleton<CallChange>();
        services.AddSingleton<IRequestRecovery>(provider => provider.GetRequiredService<CallChange>());
        services.AddSingleton<AskForChange>();
        services.AddSingleton<PreviewChange>();
        services.AddSingleton(provider => new SubscriptionChanges(
            provider.GetRequiredService<AskForChange>(), provider.GetRequiredService<PreviewChange>()));
        AddRefunds(services);
        AddDisputes(services);
        AddClearing(services);
        services.AddPaymentJob<FollowAccountJob>(Follow);
        services.AddPaymentJob<FollowAccountLaterJob>((run, job, cancellationToken) => Follow(run, job.Now, cancellationToken));
    }

    private static void AddRefunds(IServiceCollection services)
    {
        services.AddSingleton<RefundStore>();
        services.AddSingleton<BookRefunds>();
        services.AddSingleton<ChangeRefunds>();
        services.AddSingleton<UnspentCredit>();
        services.AddSingleton<OfferRefunds>();
        services.AddSingleton<RequestRefunds>();
        services.AddSingleton<DecideRefunds>();
        services.AddSingleton<SendRefunds>();
        services.AddSingleton<ProjectRefund>();
        services.AddSingleton(provider => new Refunds(
            provider.GetRequiredService<RequestRefunds>(),
            provider.GetRequiredService<DecideRefunds>(),
            provider.GetRequiredService<OfferRefunds>(),
            provider.GetRequiredService<RefundStore>()));
        services.AddSingleton<RefundDuplicates>();
        services.AddPaymentJob<RefundDuplicateJob>((run, job, cancellationToken) =>
            run.Services.GetRequiredService<RefundDuplicates>().Run(job, cancellationToken));
        services.AddPaymentJob<SendRefundJob>(
            (run, job, cancellationToken) => run.Services.GetRequiredService<SendRefunds>().Run(run, job, cancellationToken),
            new JobOptions { AttemptsMax = Limits.RefundAttemptsMax, RetryFirst = Limits.RefundRetryFirst });
    }

    private static void AddClearing(IServiceCollection services)
    {
        services.AddSingleton<ClearingStore>();
        services.AddSingleton<ReadClearing>();
        services.AddSingleton<ClearingReport>();
        services.AddPaymentJob<ReadClearingJob>((run, job, cancellationToken) =>
            run.Services.GetRequiredService<ReadClearing>().Run(job.Mode, cancellationToken));
        services.AddPaymentLoop(
            "payments.read_clearing",
            options => options.ClearingEvery,
            (run, cancellationToken) => run.Services.GetRequiredService<ReadClearing>().Run(cancellationToken));
    }

    private static void AddDisputes(IServiceCollection services)
    {
        services.AddSingleton<DisputeStore>();
        services.AddSingleton<EvidenceStore>();
        services.AddSingleton<ProjectDispute>();
        services.AddSingleton<WatchDeadlines>();
        services.AddSingleton<AnswerDisputes.AnswerDisputes>();
        services.AddPaymentJob<SubmitEvidenceJob>((run, job, cancellationToken) =>
            run.Services.GetRequiredService<AnswerDisputes.AnswerDisputes>().Run(run, job, cancellationToken));
        services.AddPaymentLoop(
            "payments.watch_dispute_deadlines",
            options => options.DeadlinesEvery,
            (run, cancellationToken) => run.Services.GetRequiredService<WatchDeadlines>().Run(cancellationToken));
    }

    private static Task Follow(JobRun run, FollowAccountJob job, CancellationToken cancellationToken) =>
        run.Services.GetRequiredService<FollowSubscriptions>().Run(job, cancellationToken);

    private static void MapMoney(IEndpointRouteBuilder app)
    {
        var buying = app.MapGroup("/v1/billing").WithTags("Buying").LimitsBody(Limits.BodyBytesMax);
        buying.MapPost("/top-ups", TopUpEndpoints.Open)
            .WithName("openTopUp")
            .WithSummary("Open a checkout for credit, which is there as soon as it is paid")
            .MayAnswer([.. PaymentsProblems.OfRequests])
            .BuysOnce();
        buying.MapGet("/top-ups", TopUpEndpoints.List)
            .WithName("listTopUps")
            .WithSummary("List purchases of credit, the newest first")
            .NamesBillingAccount()
            .Requires(Permission.LedgerRead);
        buying.MapGet("/subscription/change", ChangeEndpoints.Preview)
            .WithName("previewSubscriptionChange")
            .WithSummary("Show what a change to another plan would be charged")
            .MayAnswer(
                PaymentsProblems.PaymentsNotConfigured,
                PaymentsProblems.PortalSubscriptionRequired,
                PaymentsProblems.CheckoutPlanNotFound,
                PaymentsProblems.CheckoutConfigurationInvalid,
                PaymentsProblems.CheckoutProviderError)
            .NamesBillingAccount()
            .Requires(Permission.PlansRead);
        buying.MapPost("/subscription/change", ChangeEndpoints.Ask)
            .WithName("changeSubscription")
            .WithSummary("Change the subscription: another plan, its end, a pause")
            .MayAnswer(
                PaymentsProblems.RequestInProgress,
                PaymentsProblems.PortalSubscriptionRequired,
                PaymentsProblems.CheckoutPlanNotFound,
                PaymentsProblems.CheckoutConfigurationInvalid,
                PaymentsProblems.CheckoutRecoveryWindowElapsed,
                PaymentsProblems.CheckoutReplayProvenanceMismatch,
                PaymentsProblems.CheckoutProviderError,
                PlatformProblems.IdempotencyConflict)
            .BuysOnce();
        var payments = app.MapGroup("/v1/payments").WithTags("Payments").LimitsBody(Limits.BodyBytesMax);
        MapOwnRefunds(buying);
        MapRefunds(payments);
        MapDisputes(payments);
        MapClearing(payments);
    }

    private static void MapClearing(RouteGroupBuilder payments)
    {
        payments.MapGet("/clearing", ClearingReport.Endpoint)
            .WithName("getClearing")
            .WithSummary("Compare the books with what the payment provider moved, per currency")
            .Requires(Permission.ReconciliationManage);
        payments.MapGet("/findings", FindingEndpoints.List)
            .WithName("listPaymentFindings")
            .WithSummary("List what of payments does not fit and nobody has resolved, the oldest first")
            .Requires(Permission.ReconciliationManage);
        payments.MapPost("/findings/{id}/resolve", FindingEndpoints.Resolve)
            .WithName("resolvePaymentFinding")
            .WithSummary("Say what was done about something that did not fit")
            .MayAnswer(PlatformProblems.NotFound, PaymentsProblems.InvalidPaymentInput)
            .Idempotent()
            .Requires(Permission.ReconciliationManage);
    }

    private static void MapDisputes(RouteGroupBuilder payments)
    {
        payments.MapGet("/disputes", DisputeEndpoints.List)
            .WithName("listDisputes")
            .WithSummary("List an organisation's disputes, the newest first")
            .Requires(Permission.DisputesWrite);
        payments.MapGet("/disputes/{id}", DisputeEndpoints.Show)
            .WithName("getDispute")
            .WithSummary("Show a dispute, and what was written against it")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.DisputesWrite);
        Answers(
            payments.MapPut("/disputes/{id}/evidence", DisputeEndpoints.Write),
            "writeEvidence",
            "Write what speaks against a dispute");
        Answers(
            payments.MapPost("/disputes/{id}/files", DisputeEndpoints.AddFile),
            "addEvidenceFile",
            "Add a file to what speaks against a dispute")
            .LimitsBody(Limits.EvidenceBodyBytesMax);
        Answers(
            payments.MapPost("/disputes/{id}/submit", DisputeEndpoints.Submit),
            "submitEvidence",
            "Send what speaks against a dispute to the bank, once")
            .MayAnswer(PaymentsProblems.EvidenceMissing);
    }

    private static RouteHandlerBuilder Answers(RouteHandlerBuilder endpoint, string name, string summary) => endpoint
        .WithName(name)
        .WithSummary(summary)
        .MayAnswer(
            PlatformProblems.NotFound,
            PaymentsProblems.InvalidPaymentInput,
            PaymentsProblems.DisputeClosed,
            PaymentsProblems.EvidenceSubmitted)
        .Idempotent()
        .Requires(Permission.DisputesWrite);

    private static void MapOwnRefunds(RouteGroupBuilder buying)
    {
        buying.MapPost("/refunds", RefundEndpoints.Ask)
            .WithName("askForRefund")
            .WithSummary("Ask that a payment be given back, in part or whole")
            .MayAnswer(
                PlatformProblems.NotFound,
                PaymentsProblems.InvalidPaymentInput,
                PaymentsProblems.PaymentNotRefundable,
                PaymentsProblems.RefundNotOffered,
                PaymentsProblems.RefundCreditSpent,
                PaymentsProblems.RefundTooLarge)
            .NamesBillingAccount()
            .Idempotent()
            .Requires(Permission.BillingPurchase);
        buying.MapGet("/refunds", RefundEndpoints.ListOwn)
            .WithName("listOwnRefunds")
            .WithSummary("List the billing account's refunds, the newest first")
            .NamesBillingAccount()
            .Requires(Permission.LedgerRead);
        buying.MapGet("/refund-offers", RefundEndpoints.ListOffers)
            .WithName("listRefundOffers")
            .WithSummary("List the purchases of credit that may be asked back, and how much of each")
            .NamesBillingAccount()
            .Requires(Permission.LedgerRead);
    }

    private static void MapRefunds(RouteGroupBuilder payments)
    {
        payments.MapPost("/refunds", RefundEndpoints.Request)
            .WithName("requestRefund")
            .WithSummary("Give a payment back; a large one waits for somebody else's approval")
            .MayAnswer(
                PlatformProblems.NotFound,
                PaymentsProblems.InvalidPaymentInput,
                PaymentsProblems.PaymentNotRefundable,
                PaymentsProblems.RefundCreditSpent,
                PaymentsProblems.RefundTooLarge)
            .Idempotent()
            .Requires(Permission.RefundsWrite);
        payments.MapGet("/refunds", RefundEndpoints.List)
            .WithName("listRefunds")
            .WithSummary("List an organisation's refunds, the newest first")
            .Requires(Permission.RefundsWrite);
        payments.MapGet("/refunds/{id}", RefundEndpoints.Show)
            .WithName("getRefund")
            .WithSummary("Show a refund")
            .MayAnswer(PlatformProblems.NotFound)
            .Requires(Permission.RefundsWrite);
        Decides(
            payments.MapPost("/refunds/{id}/approve", RefundEndpoints.Approve),
            "approveRefund",
            "Approve somebody else's refund; it is sent at once")
            .MayAnswer(PaymentsProblems.InvalidPaymentInput, PaymentsProblems.RefundSecondPersonNeeded)
            .Requires(Permission.RefundsApprove);
        Decides(
            payments.MapPost("/refunds/{id}/reject", RefundEndpoints.Reject),
            "rejectRefund",
            "Reject somebody else's refund")
            .MayAnswer(PaymentsProblems.InvalidPaymentInput, PaymentsProblems.RefundSecondPersonNeeded)
            .Requires(Permission.RefundsApprove);
        Decides(
            payments.MapPost("/refunds/{id}/retry", RefundEndpoints.Retry),
            "retryRefund",
            "Begin a refund anew that failed")
            .MayAnswer(PaymentsProblems.RefundTooLarge)
            .Requires(Permission.RefundsWrite);
    }

    private static RouteHandlerBuilder Decides(RouteHandlerBuilder endpoint, string name, string summary) => endpoint
        .WithName(name)
        .WithSummary(summary)
        .MayAnswer(PlatformProblems.NotFound, PaymentsProblems.RefundDecided)
        .Idempotent();
}
