using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>Compares a scope now, because somebody asked.</summary>
/// <param name="Provider">With whom.</param>
/// <param name="Mode">Of which mode.</param>
/// <param name="Scope">Which scope.</param>
internal sealed record ReconcileNow(string Provider, PaymentMode Mode, ReconciliationScope Scope) : IJobPayload
{
    /// <inheritdoc />
    public static string JobName => "payments.reconcile_now";
}

/// <summary>Every way starting a run can end.</summary>
internal abstract record StartRunOutcome
{
    private StartRunOutcome()
    {
    }

    /// <summary>Nobody serves that mode.</summary>
    public sealed record NotConfigured : StartRunOutcome;

    /// <summary>The scope is being compared.</summary>
    public sealed record Running : StartRunOutcome;

    /// <summary>It begins.</summary>
    public sealed record Started(ReconciliationRunRow Run) : StartRunOutcome;
}

/// <summary>A checkout after the provider was asked about it.</summary>
/// <param name="Id">The checkout.</param>
/// <param name="BillingAccountId">Whose.</param>
/// <param name="StatusBefore">How it stood.</param>
/// <param name="Status">How it stands.</param>
/// <param name="OperationKey">Names the operation.</param>
internal sealed record RequeriedCheckout(
    CheckoutId Id,
    BillingAccountId BillingAccountId,
    CheckoutStatus StatusBefore,
    CheckoutStatus Status,
    string OperationKey);

/// <summary>Every way asking about a checkout can end.</summary>
internal abstract record RequeryOutcome
{
    private RequeryOutcome()
    {
    }

    /// <summary>The organisation has no such checkout.</summary>
    public sealed record NotFound : RequeryOutcome;

    /// <summary>Its provider is not configured.</summary>
    public sealed record NotConfigured : RequeryOutcome;

    /// <summary>A comparison goes through checkouts now.</summary>
    public sealed record Running : RequeryOutcome;

    /// <summary>It was asked about, and stands as the provider says.</summary>
    public sealed record Asked(RequeriedCheckout Checkout) : RequeryOutcome;
}

/// <summary>What operators have compared with the provider, and forgotten, before its time.</summary>
internal sealed class RunOperations(
    NpgsqlDataSource database,
    Leases leases,
    IPaymentProviders providers,
    ReconciliationRuns runs,
    ReconcileCheckouts checkouts,
    CheckoutStore store,
    SweepPayments sweeping,
    AccountLock locks,
    IAudit audit,
    Jobs jobs,
    IdSource ids,
    TimeProvider time,
    PaymentsOptions options,
    ILogger<RunOperations> logger)
{
    /// <summary>Begins a run of a scope; any replica works on it.</summary>
    public async Task<StartRunOutcome> Start(
        PaymentMode mode, ReconciliationScope scope, string reason, string actor, CancellationToken cancellationToken)
    {
        if (providers.Of(mode) is not { } provider)
        {
            return new StartRunOutcome.NotConfigured();
        }

        var place = new ProviderPlace(provider.Name, mode);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await runs.Begin(transaction, place, scope, actor, cancellationToken) is not { } id)
        {
            return new StartRunOutcome.Running();
        }

        await jobs.Enqueue(
            transaction,
            new ReconcileNow(place.Provider, mode, scope),
            new JobTerms { UniqueKey = ReconcileProvider.LeaseOf(place, scope) },
            cancellationToken);
        await Record(transaction, null, actor, "payment_reconciliation.started", id.ToString(), reason, new { mode, scope },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        jobs.Hint();
        return new StartRunOutcome.Started((await runs.Find(id, cancellationToken))!);
    }

    /// <summary>Asks the provider about one checkout now.</summary>
    public async Task<RequeryOutcome> Requery(
        OrgId org, CheckoutId id, string reason, string actor, CancellationToken cancellationToken)
    {
        if (await store.Peek(org, id, cancellationToken) is not { } before)
        {
            return new RequeryOutcome.NotFound();
        }

        if (providers.Of(before.Place.Mode) is not { } provider || provider.Name != before.Place.Provider)
        {
            return new RequeryOutcome.NotConfigured();
        }

        var scope = before.Status switch
        {
            CheckoutStatus.CompletedPendingSubscription => ReconciliationScope.CheckoutCompletedPending,
            CheckoutStatus.RecoveryVerificationPending => ReconciliationScope.CheckoutRecoveryVerification,
            _ => ReconciliationScope.CheckoutOpen,
        };
        var isAsked = CheckoutTransition.IsTerminal(before.Status)
            || await leases.TryRun(
                ReconcileProvider.LeaseOf(before.Place, scope),
                options.ReconciliationLease,
                (lease, token) => Look(before, scope, provider, lease, token),
                cancellationToken);
        if (!isAsked)
        {
            return new RequeryOutcome.Running();
        }

        var after = (await store.Peek(org, id, cancellationToken))!;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Record(
            transaction, org, actor, "checkout.requeried", id.ToString(), reason, new
            {
                before = before.Status,
                after = after.Status
            }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new RequeryOutcome.Asked(
            new RequeriedCheckout(id, after.BillingAccount, before.Status, after.Status, after.OperationKey));
    }

    // A run of its own, ended at once unless one was left by a dead runner: that one goes on from where it is.
    private async Task Look(
        CheckoutRow row,
        ReconciliationScope scope,
        IPaymentProvider provider,
        Lease lease,
        CancellationToken cancellationToken)
    {
        if (await runs.Take(row.Place, scope, lease, cancellationToken) is not var (run, isNew))
        {
            return;
        }

        var work = new ReconciliationWork(run, provider, lease, database, locks, runs, ids, time, logger);
        await checkouts.Look(work, row, cancellationToken);
        await (isNew ? work.Finish(error: null, cancellationToken) : work.Came(run.Cursor, 1, cancellationToken));
    }

    /// <summary>Forgets what is old now, or counts it.</summary>
    public async Task<PaymentSweep> Sweep(bool isDry, string reason, string actor, CancellationToken cancellationToken)
    {
        var swept = isDry ? await sweeping.Count(cancellationToken) : await sweeping.Run(cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Record(
            transaction, null, actor, isDry ? "payment_retention.counted" : "payment_retention.swept", "payments", reason,
                swept, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return swept;
    }

    private Task Record(
        NpgsqlTransaction transaction,
        OrgId? org,
        string actor,
        string action,
        string subject,
        string reason,
        object after,
        CancellationToken cancellationToken) => audit.Record(
            transaction,
            new AuditEntry(
                org, actor, action, subject, reason, After: JsonSerializer.Serialize(after, JsonConventions.Options)),
            cancellationToken);
}
