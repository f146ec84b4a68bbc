using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Payments.FollowSubscription;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepBooks;
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
        services.AddSingleton<FollowedAccounts>();
        services.AddSingleton<FollowSubscriptions>();
        services.AddSingleton<IPaymentFacts, PaymentFacts>();
        services.AddJob<FollowAccountJob>(Follow);
        services.AddJob<FollowAccountLaterJob>((run, job, cancellationToken) => Follow(run, job.Now, cancellationToken));
    }

    private static Task Follow(JobRun run, FollowAccountJob job, CancellationToken cancellationToken) =>
        run.Services.GetRequiredService<FollowSubscriptions>().Run(job, cancellationToken);

    private static void MapMoney(IEndpointRouteBuilder app)
    {
    }
}
