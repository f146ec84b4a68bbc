using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.StartCheckout;

/// <summary>
/// Closes checkouts at the provider that nobody should pay at. Closed, paid or unknown already is done; what nobody knows
/// is tried again, and at last is for a person.
/// </summary>
internal sealed class ExpireCheckouts(
    IPaymentProviders providers, RequestKeys keys, Guardrails guardrails, ILogger<ExpireCheckouts> logger)
{
    public static Task Run(JobRun run, ExpireCheckoutJob job, CancellationToken cancellationToken) =>
        ((ExpireCheckouts)run.Services.GetService(typeof(ExpireCheckouts))!).Handle(job, cancellationToken);

    private async Task Handle(ExpireCheckoutJob job, CancellationToken cancellationToken)
    {
        guardrails.Met(Guardrails.OrphanCleanupAttempt);
        var provider = providers.Of(job.Mode);
        if (provider?.Name != job.Provider)
        {
            throw new InvalidOperationException($"{job.Provider} ({job.Mode}) is not configured.");
        }

        var key = keys.CallKeyOf(new ProviderPlace(job.Provider, job.Mode), "expire_checkout", job.ProviderCheckout);
        switch (await provider.ExpireCheckout(job.ProviderCheckout, key, cancellationToken))
        {
            case ProviderOutcome<ProviderCheckout>.Done(var session, _):
                Look(session);
                return;
            case ProviderOutcome<ProviderCheckout>.NotFound:
                return;
            case ProviderOutcome<ProviderCheckout>.Rejected(var failure):
                await LookAgain(provider, job, failure, cancellationToken);
                return;
            case ProviderOutcome<ProviderCheckout>.Unknown(var failure):
                throw new InvalidOperationException($"Expiring {job.ProviderCheckout}: {failure.Category}.");
            default:
                throw new UnreachableException();
        }
    }

    // What is no longer open cannot be expired; what it is instead says whether somebody paid.
    private async Task LookAgain(
        IPaymentProvider provider, ExpireCheckoutJob job, ProviderFailure failure, CancellationToken cancellationToken)
    {
        if (await provider.Checkout(job.ProviderCheckout, cancellationToken) is not ProviderOutcome<ProviderCheckout>.Done(var session, _)
            || session.Status == ProviderCheckoutStatus.Open)
        {
            guardrails.Met(Guardrails.OrphanCleanupFailure);
            throw new InvalidOperationException($"Expiring {job.ProviderCheckout}: {failure.Category}.");
        }

        Look(session);
    }

    private void Look(ProviderCheckout session)
    {
        if (session.Status == ProviderCheckoutStatus.Complete)
        {
            guardrails.Met(Guardrails.OrphanCleanupFailure);
            Log.PaidTwice(logger, session.Id);
        }
    }
}
