using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// The runs. Whoever holds the lease of a scope goes on with the run that is there, or begins one; the lease's number on
/// the row tells a runner that lost it to stop.
/// </summary>
internal sealed class ReconciliationRuns(NpgsqlDataSource database, TimeProvider time, IdSource ids, Replica replica)
{
    /// <summary>Who started a run that its cadence did.</summary>
    public const string Cadence = "system";

    private const string InsertSql = """
        insert into payments.reconciliation_runs
            (run_id, provider, mode, scope, status, started_by, runner, lease_version, started_at)
        values ($1, $2, $3, $4, 'running', $5, $6, 0, $7)
        on conflict (provider, mode, scope) where status = 'running' do nothing
        """;

    /// <summary>Begins a run that nobody works on yet.</summary>
    /// <returns>Null when one is running.</returns>
    public async Task<PaymentReconciliationId?> Begin(
        NpgsqlTransaction transaction,
        ProviderPlace place,
        ReconciliationScope scope,
        string startedBy,
        CancellationToken cancellationToken)
    {
        var id = ids.Next<PaymentReconciliationId>();
        return await transaction.Sql(
            InsertSql,
            id.Value,
            place.Provider,
            place.ModeWord,
            Word.Of(scope),
            startedBy,
            replica.Name,
            Instant.Now(time)).Run(cancellationToken) == 1
            ? id
            : null;
    }

    private const string TakeSql = $"""
        update payments.reconciliation_runs
        set runner = $4,
            lease_version = $5
        where provider = $1
          and mode = $2
          and scope = $3
          and status = 'running'
          and lease_version < $5
        returning {ReconciliationRunRow.Columns}
        """;

    /// <summary>The run of a scope for whoever holds its lease: the one that a stopped runner left, or a new one.</summary>
    /// <returns>The run, and whether it was begun for this; null when a later lease has it.</returns>
    public async Task<(ReconciliationRunRow Run, bool IsNew)?> Take(
        ProviderPlace place, ReconciliationScope scope, Lease lease, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var begun = await Begin(transaction, place, scope, Cadence, cancellationToken);
        var run = await transaction.Sql(
            TakeSql, place.Provider, place.ModeWord, Word.Of(scope), replica.Name, lease.Version)
            .Only(ReconciliationRunRow.Read, cancellationToken);
        await lease.Guard(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return run is null ? null : (run, begun is not null);
    }

    private const string CheckpointSql = """
        update payments.reconciliation_runs
        set cursor_org_id = $3,
            cursor_row_id = $4,
            scanned_count = $5,
            drift_count = $6,
            repaired_count = $7,
            failed_count = $8,
            status = $9,
            finished_at = $10,
            error = $11
        where run_id = $1
          and lease_version = $2
          and status = 'running'
        """;

    /// <summary>Writes how far a run came, or how it ended.</summary>
    /// <exception cref="LeaseLostException">Another runner has it now; nothing was written.</exception>
    public async Task Checkpoint(ReconciliationRunRow run, CancellationToken cancellationToken)
    {
        var count = await database.Sql(
            CheckpointSql,
            run.Id.Value,
            run.LeaseVersion,
            run.Cursor?.Org,
            run.Cursor?.Row,
            run.Scanned,
            run.Drift,
            run.Repaired,
            run.Failed,
            Word.Of(run.Status),
            run.FinishedAt,
            run.Error).Run(cancellationToken);
        if (count != 1)
        {
            throw new LeaseLostException($"reconciliation {run.Id}");
        }
    }

    private const string GuardSql = """
        select
        from payments.reconciliation_runs
        where run_id = $1
          and lease_version = $2
          and status = 'running'
        for share
        """;

    /// <summary>Makes a transaction succeed only if the run is still this runner's.</summary>
    /// <exception cref="LeaseLostException">It is another's.</exception>
    public static async Task Guard(
        NpgsqlTransaction transaction, ReconciliationRunRow run, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(GuardSql, run.Id.Value, run.LeaseVersion);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw new LeaseLostException($"reconciliation {run.Id}");
        }
    }

    private const string FindingSql = """
        insert into payments.reconciliation_findings
            (org_id, finding_id, run_id, billing_account_id, kind, subject, stored, said, is_repaired, error, found_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """;

    /// <summary>Writes a finding.</summary>
    public Task Add(NpgsqlTransaction transaction, ReconciliationFindingRow found, CancellationToken cancellationToken) =>
        transaction.Sql(
            FindingSql,
            found.Org.Value,
            found.Id,
            found.Run.Value,
            found.BillingAccount.Value,
            found.Kind,
            found.Subject,
            found.Stored,
            found.Said,
            found.IsRepaired,
            found.Error,
            found.FoundAt).Run(cancellationToken);

    private const string LastCleanSql = """
        select started_at
        from payments.reconciliation_runs
        where provider = $1
          and mode = $2
          and scope = $3
          and status = 'succeeded'
          and failed_count = 0
        order by run_id desc
        limit 1
        """;

    /// <summary>When the last run of a scope began that went through all of it and was answered everything; null never.</summary>
    public async Task<DateTimeOffset?> LastClean(
        ProviderPlace place, ReconciliationScope scope, CancellationToken cancellationToken) =>
        await database.Sql(LastCleanSql, place.Provider, place.ModeWord, Word.Of(scope))
            .All(row => (DateTimeOffset?)row.Instant(0), cancellationToken) is [var at] ? at : null;

    private const string NewestSql = $"""
        select {ReconciliationRunRow.Columns}
        from payments.reconciliation_runs
        where ($1::uuid is null or run_id < $1)
          and ($2::text is null or scope = $2)
        order by run_id desc
        limit $3
        """;

    /// <summary>Runs, newest first.</summary>
    public Task<IReadOnlyList<ReconciliationRunRow>> Newest(
        PaymentReconciliationId? before, ReconciliationScope? scope, int count, CancellationToken cancellationToken) =>
        database.Sql(NewestSql, before?.Value, scope is { } one ? Word.Of(one) : null, count)
            .All(ReconciliationRunRow.Read, cancellationToken);

    private const string FindSql = $"""
        select {ReconciliationRunRow.Columns}
        from payments.reconciliation_runs
        where run_id = $1
        """;

    /// <summary>One run; null when there is none.</summary>
    public Task<ReconciliationRunRow?> Find(PaymentReconciliationId id, CancellationToken cancellationToken) =>
        database.Sql(FindSql, id.Value).Only(ReconciliationRunRow.Read, cancellationToken);

    private const string FindingsSql = $"""
        select {ReconciliationFindingRow.Columns}
        from payments.reconciliation_findings
        where run_id = $1
          and ($2::uuid is null or finding_id > $2)
        order by finding_id
        limit $3
        """;

    /// <summary>What a run found, in the order it found it.</summary>
    public Task<IReadOnlyList<ReconciliationFindingRow>> Findings(
        PaymentReconciliationId run, Guid? after, int count, CancellationToken cancellationToken) =>
        database.Sql(FindingsSql, run.Value, after, count).All(ReconciliationFindingRow.Read, cancellationToken);
}
