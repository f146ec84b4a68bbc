using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepBooks;
using Quoin.Platform;

namespace Quoin.Payments.RefundPayments;

/// <summary>
/// Sends refunds: the books first (one transaction), the provider (none), what came of it (one). The key names refund and
/// attempt, so that a call whose answer was lost is asked again and never made twice.
/// </summary>
internal sealed class SendRefunds(
    NpgsqlDataSource database,
    AccountLock locks,
    PaymentStore payments,
    RefundStore refunds,
    ChangeRefunds changing,
    BookRefunds booking,
    Findings findings,
    RequestKeys keys,
    IPaymentProviders providers)
{
    /// <summary>One attempt of the job; the last one leaves a finding, for nobody tries again by itself.</summary>
    public async Task Run(JobRun run, SendRefundJob job, CancellationToken cancellationToken)
    {
        try
        {
            await Attempt(job, cancellationToken);
        }
        catch (Exception failure) when (run.Attempt >= Limits.RefundAttemptsMax
            && failure is ProviderSilentException or InvalidOperationException)
        {
            await GiveUp(job, failure.Message, cancellationToken);
            throw;
        }
    }

    private async Task Attempt(SendRefundJob job, CancellationToken cancellationToken)
    {
        if (await Begin(job, cancellationToken) is not { } refund)
        {
            return;
        }

        var provider = providers.Of(refund.Place.Mode) is { } one && one.Name == refund.Place.Provider
            ? one
            : throw new ProviderSilentException($"{refund.Id} waits for {refund.Place.Provider}, which is not configured");
        var outcome = refund.ProviderRefund is { } known
            ? await provider.FindRefund(known, cancellationToken)
            : await provider.Refund(
                new RefundParameters(refund.ProviderPayment, refund.AmountMinor, null, MetadataOf(refund)),
                keys.CallKeyOf(refund.Place, "refund", $"{refund.Id}/{refund.Attempts}"),
                cancellationToken);
        await End(job, outcome, cancellationToken);
    }

    // What is taken in the books is taken before the provider hears of it, and once for each attempt.
    private async Task<RefundRow?> Begin(SendRefundJob job, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, job.Key, cancellationToken);
        var refund = await refunds.ById(account, job.Refund, cancellationToken);
        if (refund is not { Status: RefundStatus.Approved or RefundStatus.Failed })
        {
            return refund is { Status: RefundStatus.Processing } ? refund : null;
        }

        if (refund.Status == RefundStatus.Failed && await Left(account, refund, cancellationToken) < refund.AmountMinor)
        {
            // There was enough when it was asked for again; what was given back since counts.
            var late = refund with { Failure = "So much is not left of the payment any more." };
            await refunds.Update(account, refund, late, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return null;
        }

        var begun = await refunds.Update(
            account,
            refund,
            refund with
            {
                Status = RefundStatus.Processing,
                Attempts = refund.Attempts + 1,
                ProviderRefund = null,
                Failure = null,
                FinishedAt = null,
            },
            cancellationToken);
        var purchase = await booking.PurchaseOf(account, begun, cancellationToken);
        await changing.Tell(account, begun, null, "refund.begun", cancellationToken);
        if (!await booking.Take(account, begun, purchase, isDone: false, cancellationToken))
        {
            await changing.Fail(account, begun, purchase, "The credit was spent.", cancellationToken);
            begun = null;
        }

        await transaction.CommitAsync(cancellationToken);
        return begun;
    }

    private async Task<long> Left(LockedAccount account, RefundRow refund, CancellationToken cancellationToken)
    {
        var payment = await payments.ById(account, refund.Payment, cancellationToken)
            ?? throw new InvalidOperationException($"{refund.Payment} of {refund.Id} went away.");
        return RequestRefunds.LeftOf(payment, await refunds.OfPayment(account, payment.Id, cancellationToken));
    }

    private async Task GiveUp(SendRefundJob job, string reason, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, job.Key, cancellationToken);
        if (await refunds.ById(account, job.Refund, cancellationToken) is { } refund)
        {
            var finding = new NewFinding(
                FindingKinds.RefundUnknown,
                refund.Id.ToString(),
                $"What came of {refund.Id} of {refund.ProviderPayment} is not known, and it is not asked for any more: {reason}",
                refund.AmountMinor,
                refund.Currency)
            {
                MayRecur = true,
            };
            await findings.Add(account, finding, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private async Task End(
        SendRefundJob job, ProviderOutcome<ProviderRefund> outcome, CancellationToken cancellationToken)
    {
        if (outcome is ProviderOutcome<ProviderRefund>.Unknown(var unclear))
        {
            // It stays as it is, and the same call is asked again.
            throw new ProviderSilentException($"{job.Refund}: {unclear.Category}");
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, job.Key, cancellationToken);
        var refund = await refunds.ById(account, job.Refund, cancellationToken);
        if (refund is not { Status: RefundStatus.Processing })
        {
            return;
        }

        _ = outcome switch
        {
            ProviderOutcome<ProviderRefund>.Done(var said, _) => await changing.Apply(account, refund, said, cancellationToken),
            ProviderOutcome<ProviderRefund>.Rejected(var failure) =>
                await changing.Fail(account, refund, failure.Message, cancellationToken),
            ProviderOutcome<ProviderRefund>.NotFound(var failure) =>
                await changing.Fail(account, refund, failure.Message, cancellationToken),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        await transaction.CommitAsync(cancellationToken);
    }

    private static Dictionary<string, string> MetadataOf(RefundRow refund) => new(StringComparer.Ordinal)
    {
        [ProviderMetadata.Org] = refund.Org.ToString(),
        [ProviderMetadata.BillingAccount] = refund.BillingAccount.ToString(),
        [ProjectRefund.RefundId] = refund.Id.ToString(),
    };
}
