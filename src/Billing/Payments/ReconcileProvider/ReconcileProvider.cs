using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.RecoverRequests;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// Compares what is stored with what the provider says, one scope at a time: takes the scope's lease, goes on with the run
/// that a dead runner left where it stopped or begins one, and ends it. Whoever lost the lease writes nothing more.
/// </summary>
internal sealed class ReconcileProvider(
    NpgsqlDataSource database,
    Leases leases,
    IPaymentProviders providers,
    ReconciliationRuns runs,
    ReconcileCheckouts checkouts,
    ReconcileCustomers customers,
    Recovery recovery,
    WebhookOperations webhooks,
    AccountLock locks,
    PaymentsOptions options,
    Guardrails guardrails,
    IdSource ids,
    TimeProvider time,
    ILogger<ReconcileProvider> logger)
{
    /// <summary>The lease of a scope.</summary>
    public static string LeaseOf(ProviderPlace place, ReconciliationScope scope) =>
        $"payments.reconcile/{place.Provider}/{place.ModeWord}/{Word.Of(scope)}";

    /// <summary>Runs a scope for every mode with a provider.</summary>
    public async Task RunAll(ReconciliationScope scope, CancellationToken cancellationToken)
    {
        foreach (var mode in Enum.GetValues<PaymentMode>())
        {
            if (providers.Of(mode) is { } provider)
            {
                await Run(new ProviderPlace(provider.Name, mode), scope, cancellationToken);
            }
        }
    }

    /// <summary>Runs a scope, unless another replica does.</summary>
    /// <returns>Whether it ran.</returns>
    public async Task<bool> Run(ProviderPlace place, ReconciliationScope scope, CancellationToken cancellationToken)
    {
        try
        {
            return await leases.TryRun(
                LeaseOf(place, scope),
                options.ReconciliationLease,
                (lease, token) => RunHeld(place, scope, lease, token),
                cancellationToken);
        }
        catch (LeaseLostException)
        {
            guardrails.Met(Guardrails.ReconciliationLeaseFenced);
            return false;
        }
    }

    private async Task RunHeld(
        ProviderPlace place, ReconciliationScope scope, Lease lease, CancellationToken cancellationToken)
    {
        if (providers.Of(place.Mode) is not { } provider
            || provider.Name != place.Provider
            || await runs.Take(place, scope, lease, cancellationToken) is not var (run, _))
        {
            return;
        }

        var work = new ReconciliationWork(run, provider, lease, database, locks, runs, ids, time, logger);
        string? error = null;
        try
        {
            await Go(work, scope, cancellationToken);
        }
        catch (LeaseLostException)
        {
            Log.ReconciliationFenced(logger, run.Id, Word.Of(scope));
            throw;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && !TransientFailure.Is(failure))
        {
            Log.ReconciliationFailed(logger, run.Id, Word.Of(scope), failure);
            error = ErrorText.Of(failure);
        }

        await work.Finish(error, cancellationToken);
        Tell(work.Run);
    }

    private Task Go(ReconciliationWork work, ReconciliationScope scope, CancellationToken cancellationToken) => scope switch
    {
        ReconciliationScope.PendingRecent => GoThroughPending(work, cancellationToken),
        ReconciliationScope.CheckoutOpen => checkouts.Go(work, CheckoutStatus.Open, cancellationToken),
        ReconciliationScope.CheckoutCompletedPending =>
            checkouts.Go(work, CheckoutStatus.CompletedPendingSubscription, cancellationToken),
        ReconciliationScope.CheckoutRecoveryVerification =>
            checkouts.Go(work, CheckoutStatus.RecoveryVerificationPending, cancellationToken),
        ReconciliationScope.SubscriptionsActive => customers.GoThroughSubscriptions(work, cancellationToken),
        _ => customers.GoThroughInvoices(work, cancellationToken),
    };

    private async Task GoThroughPending(ReconciliationWork work, CancellationToken cancellationToken)
    {
        // Recovery throws when one request could not be recovered: the news must not wait for that one.
        var revived = await webhooks.RetryFailed(ReconciliationLimits.FailedEventsAtOnce, cancellationToken);
        var recovered = await recovery.RecoverAll(cancellationToken);
        await work.Came(null, recovered + revived, cancellationToken);
    }

    private void Tell(ReconciliationRunRow run)
    {
        if (run.Drift > 0)
        {
            guardrails.Met(Guardrails.ReconciliationDrift, Guardrails.Count, run.Drift);
            guardrails.Met(Guardrails.ReconciliationRepair, Guardrails.Count, run.Repaired);
            Log.ReconciliationDrift(logger, run.Id, Word.Of(run.Scope), run.Drift, run.Repaired);
        }

        if (run.Failed > 0)
        {
            guardrails.Met(Guardrails.ReconciliationRepairFailure, Guardrails.Count, run.Failed);
        }
    }
}
