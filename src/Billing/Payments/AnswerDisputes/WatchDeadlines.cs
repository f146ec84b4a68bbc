using Npgsql;
using Quoin.Accounts;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.AnswerDisputes;

/// <summary>Tells operators of disputes whose time to answer is nearly over, and once more when it is over.</summary>
internal sealed class WatchDeadlines(
    NpgsqlDataSource database,
    AccountLock locks,
    DisputeStore disputes,
    Outbox outbox,
    Jobs jobs,
    Guardrails guardrails,
    TimeProvider time,
    PaymentsOptions options)
{
    public async Task Run(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var failures = new Failures();
        foreach (var seen in await disputes.Due(now + options.EvidenceNear, now, Limits.DisputesAtOnceMax, cancellationToken))
        {
            await failures.Keep(() => Tell(seen, cancellationToken));
        }

        jobs.Hint();
        failures.ThrowIfAny();
    }

    private async Task Tell(DisputeRow seen, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, new BillingAccountKey(seen.Org, seen.BillingAccount), cancellationToken);
        if (await disputes.ById(account, seen.Id, cancellationToken) is not { EvidenceDueAt: { } due } dispute
            || dispute.Status > DisputeStatus.EvidenceDue
            || dispute.OverdueToldAt is not null)
        {
            return;
        }

        var isOverdue = due <= account.Now;
        var after = dispute with
        {
            Status = DisputeStatus.EvidenceDue,
            OverdueToldAt = isOverdue ? account.Now : null,
        };
        await disputes.Save(account, dispute, after, cancellationToken);
        if (isOverdue)
        {
            guardrails.Met(Guardrails.EvidenceOverdue);
        }

        await outbox.Publish(
            transaction,
            account.Org,
            account.BillingAccount.ToString(),
            new DisputeEvidenceDue(account.BillingAccount, dispute.Id, due, isOverdue, account.Now),
            null,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
