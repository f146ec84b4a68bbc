using System.Text.Json;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>What operators do about remediations: see them, and have one tried again that is not done.</summary>
internal sealed class RemediationOperations(
    NpgsqlDataSource database, AccountLock locks, Remediations remediations, IAudit audit, Jobs jobs)
{
    private const string ListSql = $"""
        select {RemediationRow.Columns}
        from payments.remediations
        where ($1::uuid is null or remediation_id < $1)
          and ($2::uuid is null or org_id = $2)
          and ($3::text is null or status = $3)
        order by remediation_id desc
        limit $4
        """;

    /// <summary>Remediations, newest first.</summary>
    public Task<IReadOnlyList<RemediationRow>> List(
        OrgId? org, RemediationStatus? status, RemediationId? before, int count, CancellationToken cancellationToken) =>
        database.Sql(ListSql, before?.Value, org?.Value, status is { } one ? Word.Of(one) : null, count)
            .All(RemediationRow.Read, cancellationToken);

    /// <summary>Gives one that was given up all its attempts again.</summary>
    public async Task<RetryOutcome> Retry(
        OrgId org, RemediationId id, string reason, string actor, CancellationToken cancellationToken)
    {
        if (await remediations.Peek(org, id, cancellationToken) is not { } seen)
        {
            return RetryOutcome.NotFound;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, new BillingAccountKey(org, seen.BillingAccount), cancellationToken);
        var row = await remediations.ById(account, id, cancellationToken);

        // One whose job died of something else than the provider never said that it was given up.
        if (row is null or { Status: RemediationStatus.Succeeded or RemediationStatus.Discarded })
        {
            return RetryOutcome.NotRetryable;
        }

        await remediations.Mark(
            account, row with { Status = RemediationStatus.Pending, Attempts = 0, Error = null }, cancellationToken);
        await remediations.Enqueue(account, id, row.OperationKey, cancellationToken);
        var entry = new AuditEntry(
            org,
            actor,
            "remediation.retried",
            id.ToString(),
            reason,
            Before: State(row.Status),
            After: State(RemediationStatus.Pending));
        await audit.Record(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        jobs.Hint();
        return RetryOutcome.Started;
    }

    /// <summary>Lays one aside that nobody shall try any more; what is at the provider stays there.</summary>
    public async Task<RetryOutcome> Discard(
        OrgId org, RemediationId id, string reason, string actor, CancellationToken cancellationToken)
    {
        if (await remediations.Peek(org, id, cancellationToken) is not { } seen)
        {
            return RetryOutcome.NotFound;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, new BillingAccountKey(org, seen.BillingAccount), cancellationToken);
        var row = await remediations.ById(account, id, cancellationToken);
        if (row is not { Status: RemediationStatus.DeadLetter or RemediationStatus.Failed })
        {
            return RetryOutcome.NotRetryable;
        }

        var after = row with { Status = RemediationStatus.Discarded, Resolution = reason, ResolvedAt = account.Now };
        await remediations.Mark(account, after, cancellationToken);
        var entry = new AuditEntry(
            org,
            actor,
            "remediation.discarded",
            id.ToString(),
            reason,
            Before: State(row.Status),
            After: State(RemediationStatus.Discarded));
        await audit.Record(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return RetryOutcome.Started;
    }

    private static string State(RemediationStatus status) =>
        JsonSerializer.Serialize(new { status }, JsonConventions.Options);
}
