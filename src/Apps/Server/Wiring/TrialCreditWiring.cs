using Quoin.Accounts;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Server.Wiring;

/// <summary>Gives a trial's credit when Accounts tells that one began; neither knows the other.</summary>
internal static class TrialCreditWiring
{
    /// <summary>Subscribes the books to trials.</summary>
    public static IServiceCollection AddTrialCredit(this IServiceCollection services) =>
        services.AddSubscriber<TrialClaimed>("ledger.on_trial_claimed", Give);

    // The key names the organisation and the news says the rest, so being told twice gives once.
    private static async Task Give(
        OutboxMessage<TrialClaimed> message, JobRun delivery, CancellationToken cancellationToken)
    {
        var news = message.Event;
        var grant = new CreateGrant(
            news.Organisation,
            news.BillingAccount,
            $"trial:{news.Organisation}",
            news.Credit,
            GrantSource.Trial,
            news.At,
            "Trial credit")
        {
            ExpiresAt = news.ExpiresAt,
        };
        var outcome = await delivery.Services.GetRequiredService<Ledger.Ledger>().Run(grant, cancellationToken);
        if (outcome is not GrantOutcome.Granted)
        {
            throw new InvalidOperationException($"The trial credit of {news.Organisation} ended as {outcome}.");
        }
    }
}
