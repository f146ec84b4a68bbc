using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepBooks;
using Quoin.Platform;

namespace Quoin.Payments.RefundPayments;

/// <summary>
/// Gives back what was paid for a subscription that was ended as a duplicate: nobody earned it, for plans follow the other
/// one. Each of its payments once, as any refund: a large one waits for an operator, and one that is over stays over.
/// </summary>
internal sealed class RefundDuplicates(
    NpgsqlDataSource database, AccountLock locks, RequestRefunds requesting, Findings findings, PaymentsOptions options)
{
    /// <summary>Who asks, in the audit log and on the refund.</summary>
    public const string Actor = "system";

    private const string PaidSql = """
        select payment.payment_id
        from payments.invoices invoice
        join payments.payments payment
            on payment.org_id = invoice.org_id
            and payment.provider = invoice.provider
            and payment.mode = invoice.mode
            and payment.provider_payment_id = invoice.provider_payment_id
        where invoice.org_id = $1
          and invoice.billing_account_id = $2
          and invoice.provider = $3
          and invoice.mode = $4
          and invoice.provider_subscription_id = $5
          and payment.status = 'succeeded'
          and not exists (
              select
              from payments.refunds refund
              where refund.org_id = payment.org_id
                and refund.payment_id = payment.payment_id)
          and exists (
              select
              from payments.remediations remediation
              where remediation.org_id = invoice.org_id
                and remediation.provider = invoice.provider
                and remediation.mode = invoice.mode
                and remediation.duplicate_provider_id = invoice.provider_subscription_id
                and remediation.status = 'succeeded'
                and remediation.resolution = $7)
        order by payment.payment_id
        limit $6
        """;

    /// <summary>Asks for the refunds.</summary>
    public async Task Run(RefundDuplicateJob job, CancellationToken cancellationToken)
    {
        var paid = await database.Sql(
            PaidSql,
            job.Org.Value,
            job.BillingAccount.Value,
            job.Provider,
            Word.Of(job.Mode),
            job.Subscription,
            Limits.InvoicesShownMax,
            Remediations.EndedAtProvider).All(row => new PaymentId(row.GetGuid(0)), cancellationToken);
        foreach (var payment in paid)
        {
            if (!options.RefundsDuplicates)
            {
                await Tell(job, $"A second subscription was ended; {payment} paid for it and is to be given back.", cancellationToken);
                continue;
            }

            // Nothing was sold, so nothing is forgiven: what came in goes out.
            var request = new NewRefund(
                job.Org, payment, Amount: null, RefundKind.ProviderRefund, "a second subscription was ended")
            {
                BillingAccount = job.BillingAccount,
                Forgives = false,
            };
            if (await requesting.Handle(request, Actor, IdempotentRequest.None, cancellationToken)
                is RefundOutcome.Standing({ Status: RefundStatus.Requested } waiting))
            {
                await Tell(job, $"A second subscription was ended; {waiting.Id} waits for approval.", cancellationToken);
            }
        }
    }

    private async Task Tell(RefundDuplicateJob job, string reason, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, job.Key, cancellationToken);
        var finding = new NewFinding(FindingKinds.DuplicatePaid, job.Subscription, reason, null, null);
        await findings.Add(account, finding, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private const string EndedSql = """
        select exists (
            select
            from payments.remediations
            where org_id = $1
              and provider = $2
              and mode = $3
              and duplicate_provider_id = $4
              and status = 'succeeded'
              and resolution = $5)
        """;

    /// <summary>Whether a subscription was ended as a duplicate, so that what is paid for it late goes back too.</summary>
    public static async Task<bool> IsEnded(
        LockedAccount account, ProviderPlace place, string subscription, CancellationToken cancellationToken)
    {
        await using var command = account.Transaction.Sql(
            EndedSql, account.Org.Value, place.Provider, place.ModeWord, subscription, Remediations.EndedAtProvider);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
