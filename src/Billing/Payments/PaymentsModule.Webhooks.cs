using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments;

/// <content>The provider's news: taken in, gone through, and what follows.</content>
public static partial class PaymentsModule
{
    private static void AddWebhooks(IServiceCollection services)
    {
        services.AddSingleton<ReceiveWebhooks>();
        services.AddSingleton<Inbox>();
        services.AddSingleton<FindAccounts>();
        services.AddSingleton<AskProvider>();
        services.AddSingleton<PlanPriceRows>();
        services.AddSingleton<FinishRequest>();
        services.AddSingleton<Remediations>();
        services.AddSingleton<TellCheckouts>();
        services.AddSingleton<ProjectCheckout>();
        services.AddSingleton<ProjectSubscription>();
        services.AddSingleton<ProjectInvoice>();
        services.AddSingleton<ProjectPayment>();
        services.AddSingleton<ApplyEvent>();
        services.AddSingleton<ProcessWebhooks>();
        services.AddSingleton<RunCancelDuplicate>();
        services.TryAddSingleton<IPaymentFacts, NoPaymentFacts>();
        services.TryAddSingleton<IPaymentMethodNews, NoPaymentMethodNews>();
        services.AddPump(new PumpOptions(ProcessWebhooks.Channel, Step)
        {
            Shards = WebhookLimits.Shards,
            Lease = provider => provider.GetRequiredService<PaymentsOptions>().NewsLease,
            Depth = (provider, cancellationToken) => provider.GetRequiredService<Inbox>().Depth(cancellationToken),
        });
        services.AddPaymentJob<CancelDuplicate>(
            (run, job, cancellationToken) =>
                run.Services.GetRequiredService<RunCancelDuplicate>().Run(run, job, cancellationToken),
            new JobOptions { AttemptsMax = RemediationLimits.AttemptsMax, RetryStep = RemediationLimits.RetryStep },
            Guardrails.RemediationLeaseFenced,
            Guardrails.RemediationDeadLetter);
    }

    private static void MapWebhooks(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/v1").WithTags("Payments");
        api.MapPost("/webhooks/stripe", WebhookEndpoint.Handle)
            .WithName("receiveStripeWebhook")
            .WithSummary("Take a delivery of Stripe: signed, stored before it is answered")
            .WithDescription("The same event is stored once, however often it comes. What it says is applied afterwards.")
            .Accepts<object>("application/json")
            .ShowsBody(WebhookEndpoint.ExampleJson)
            .Produces<WebhookAnswer>()
            .LimitsBody(WebhookLimits.BodyBytesMax)
            .MayAnswer(PaymentsProblems.WebhookRefused, PaymentsProblems.WebhooksOverloaded)
            .AllowsAnyone();
    }

    private static Task<bool> Step(PumpTurn turn, CancellationToken cancellationToken) =>
        turn.Services.GetRequiredService<ProcessWebhooks>().Step(turn, cancellationToken);
}
