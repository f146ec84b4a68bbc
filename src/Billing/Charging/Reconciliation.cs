using System.Globalization;
using System.Text.Json;
using Npgsql;
using Quoin.Charging.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Charging;

/// <summary>
/// The door to reconciliation: proves that events, buckets, lines and the books say the same, and finds where they do not.
/// It changes nothing but its own rows; what is wrong is repaired by rating usage again or by a correction.
/// </summary>
public sealed class Reconciliation
{
    private readonly NpgsqlDataSource database;
    private readonly ReconciliationRows rows;
    private readonly RunReconciliation running;
    private readonly RepairFinding repairing;
    private readonly Jobs jobs;
    private readonly IAudit audit;
    private readonly TimeProvider time;

    internal Reconciliation(
        NpgsqlDataSource database,
        ReconciliationRows rows,
        RunReconciliation running,
        RepairFinding repairing,
        Jobs jobs,
        IAudit audit,
        TimeProvider time)
    {
        (this.database, this.rows, this.running, this.repairing) = (database, rows, running, repairing);
        (this.jobs, this.audit, this.time) = (jobs, audit, time);
    }

    /// <summary>Starts a run in the background; any replica works on it, and goes on where another one died.</summary>
    /// <param name="scope">What to compare.</param>
    /// <param name="actor">Who asks for it.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public async Task<ReconciliationRun> Start(ReconciliationScope scope, string actor, CancellationToken cancellationToken) =>
        (await Start(scope, string.Empty, actor, cancellationToken))!;

    /// <summary>Starts the night's run over the two days before today; once a day, whoever asks and how often.</summary>
    /// <returns>The run; null when today's is there, or its hour has not come.</returns>
    public async Task<ReconciliationRun?> StartNightly(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        return now.Hour < Limits.NightlyHour
            ? null
            : await Start(
                new ReconciliationScope(null, new Period(today.AddDays(-Limits.NightlyDays), today)),
                "nightly:" + today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                "system",
                cancellationToken);
    }

    /// <summary>One run; null when there is none.</summary>
    /// <param name="org">Null for whoever may see all; otherwise only a run over this organisation alone.</param>
    /// <param name="run">Which.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<ReconciliationRun?> Find(OrgId? org, ReconciliationRunId run, CancellationToken cancellationToken) =>
        await rows.Find(run, cancellationToken) is var (found, _) && (org is null || found.Scope.Org is null || found.Scope.Org == org)
            ? found
            : null;

    /// <summary>Runs, newest first.</summary>
    public Task<IReadOnlyList<ReconciliationRun>> Runs(
        OrgId? org, ReconciliationRunId? before, int limit, CancellationToken cancellationToken) =>
        rows.Newest(org, before, limit, cancellationToken);

    /// <summary>What a run found, in the order it found it.</summary>
    /// <param name="run">Which run.</param>
    /// <param name="org">Only at this organisation; null for all.</param>
    /// <param name="kind">Only of this kind; null for all.</param>
    /// <param name="after">Only behind this one.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<ReconciliationFinding>> Findings(
        ReconciliationRunId run,
        OrgId? org,
        ReconciliationKind? kind,
        ReconciliationFindingId? after,
        int limit,
        CancellationToken cancellationToken) => rows.Findings(run, org, kind, after, limit, cancellationToken);

    /// <summary>One finding; null when there is none.</summary>
    public Task<ReconciliationFinding?> Finding(
        ReconciliationFindingId finding, OrgId? org, CancellationToken cancellationToken) =>
        rows.Finding(finding, org, cancellationToken);

    /// <summary>Stops a run; false when it has ended.</summary>
    public async Task<bool> Stop(ReconciliationRunId run, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await rows.Finish(transaction, run, "stopped", cancellationToken))
        {
            return false;
        }

        await audit.Record(
            transaction, new AuditEntry(null, actor, "reconciliation.stopped", run.ToString()), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// Repairs what was found, as far as it can be: usage no line rates waits for rating again; for money posted wrongly a
    /// correction is asked for, which a second person decides.
    /// </summary>
    /// <param name="finding">Which.</param>
    /// <param name="org">Only at this organisation; null for any.</param>
    /// <param name="reason">Why, for the audit log and the correction.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<RepairOutcome> Repair(
        ReconciliationFindingId finding, OrgId? org, string reason, string actor, CancellationToken cancellationToken) =>
        repairing.Run(finding, org, reason, actor, cancellationToken);

    internal Task Work(JobRun run, ReconcileUsage job, CancellationToken cancellationToken) =>
        running.Run(job.Run, run.Guard, cancellationToken);

    private async Task<ReconciliationRun?> Start(
        ReconciliationScope scope, string cause, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await rows.Add(transaction, scope, cause, actor, cancellationToken) is not { } id)
        {
            return null;
        }

        var terms = new JobTerms { UniqueKey = id.ToString(), Org = scope.Org };
        await jobs.Enqueue(transaction, new ReconcileUsage(id), terms, cancellationToken);
        var after = JsonSerializer.Serialize(new { from = scope.Range.Start, to = scope.Range.End });
        await audit.Record(
            transaction, new AuditEntry(scope.Org, actor, "reconciliation.started", id.ToString(), After: after), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        jobs.Hint();
        return (await rows.Find(id, cancellationToken))!.Value.Run;
    }
}
