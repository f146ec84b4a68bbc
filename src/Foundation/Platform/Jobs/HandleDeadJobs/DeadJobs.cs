using Npgsql;

namespace Quoin.Platform;

/// <summary>The operator's door to jobs that failed for good: each is looked at, then tried again or dropped, on record.</summary>
public sealed class DeadJobs(NpgsqlDataSource database, Jobs jobs, IAudit audit)
{
    /// <summary>The dead jobs after a number, oldest first, of all organisations and of none.</summary>
    public Task<IReadOnlyList<DeadJob>> List(long after, int count, CancellationToken cancellationToken) =>
        jobs.Dead(after, count, cancellationToken);

    /// <summary>Gives a dead job all its attempts again.</summary>
    /// <returns>False when there is no such dead job.</returns>
    public async Task<bool> Retry(
        long jobId, string reason, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        var isRetried = await Do("job.retried", jobs.Revive, jobId, reason, actor, idempotent, cancellationToken);
        jobs.Hint();
        return isRetried;
    }

    /// <summary>Removes a dead job: what it was to do is not done.</summary>
    /// <returns>False when there is no such dead job.</returns>
    public Task<bool> Drop(
        long jobId, string reason, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken) =>
        Do("job.dropped", jobs.Drop, jobId, reason, actor, idempotent, cancellationToken);

    private async Task<bool> Do(
        string action,
        Func<NpgsqlTransaction, long, CancellationToken, Task<DeadJob?>> act,
        long jobId,
        string reason,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await act(transaction, jobId, cancellationToken) is not { } job)
        {
            return false;
        }

        var before = AuditState.Of(DeadJobAnswer.Of(job));
        await audit.Record(
            transaction, new AuditEntry(job.Org, actor, action, DeadJobAnswer.IdOf(jobId), reason, before), cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
