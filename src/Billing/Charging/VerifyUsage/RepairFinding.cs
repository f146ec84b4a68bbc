using System.Text.Json;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>
/// Repairs what a reconciliation found, without ever touching a line or an entry: usage that no line rates is queued
/// again; for money that was posted wrongly a correction is asked for, which a second person decides.
/// </summary>
internal sealed class RepairFinding(
    NpgsqlDataSource database,
    ReconciliationRows rows,
    LineQueries lines,
    UsageTrail trail,
    Corrections corrections,
    Organisations organisations,
    IAudit audit,
    TimeProvider time,
    WakeUps wakeUps)
{
    public async Task<RepairOutcome> Run(
        ReconciliationFindingId id, OrgId? org, string reason, string actor, CancellationToken cancellationToken)
    {
        if (await rows.Finding(id, org, cancellationToken) is not { } finding)
        {
            return new RepairOutcome.NotFound();
        }

        if (finding.State != FindingState.Open)
        {
            return new RepairOutcome.Repaired(finding);
        }

        return finding.Fault switch
        {
            { Kind: ReconciliationKind.MissingRating, Usage: not null, Fold: not null } =>
                await Requeue(finding, reason, actor, cancellationToken),
            {
                Stage: ReconciliationStage.Posting,
                Transfer: { } transfer,
                Kind: ReconciliationKind.Orphan or ReconciliationKind.Duplicate,
            } =>
                await Correct(finding, transfer, CorrectionKind.Reversal, reason, actor, cancellationToken),
            { Stage: ReconciliationStage.Posting, Transfer: { } transfer, Kind: ReconciliationKind.AmountMismatch, Difference: not null } =>
                await Correct(finding, transfer, CorrectionKind.Adjustment, reason, actor, cancellationToken),
            var fault => new RepairOutcome.NotRepairable(WhatToDo(fault)),
        };
    }

    private async Task<RepairOutcome> Requeue(
        ReconciliationFinding finding, string reason, string actor, CancellationToken cancellationToken)
    {
        var (key, fold) = (finding.Fault.Usage!.Value, finding.Fault.Fold!.Value);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockPositions(transaction, finding.Org, key.BillingAccount, cancellationToken);
        var sum = default(DerivedSum);
        await foreach (var one in trail.Rederive(transaction, finding.Org, fold, 0, int.MaxValue, cancellationToken))
        {
            sum += one.Key == key ? new DerivedSum(ExactDecimal.Of(one.Quantity), one.EventCount) : default;
        }

        if (sum == default || sum.Quantity.ToDecimal() is not { } quantity)
        {
            return new RepairOutcome.NothingToRepair("No event of that fold says so any more.");
        }

        if (await WhereItIs(transaction, finding.Org, key, fold, cancellationToken) is { } place)
        {
            return new RepairOutcome.NothingToRepair($"It is in {place} now.");
        }

        if (await IsInPosition(transaction, finding.Org, key.BillingAccount, cancellationToken))
        {
            return new RepairOutcome.NotRepairable(
                "A position of this account holds more than its lines: a line was removed after it was posted. The money is in "
                + "the books; rated again it would be charged twice. Bring the line back from a backup.");
        }

        var usage = new FoldedUsage(
            finding.Org, key.BillingAccount, key.Meter, key.Dimensions, key.BucketStart, fold, quantity, sum.Events, time.GetUtcNow());
        await trail.Requeue(transaction, usage, cancellationToken);
        await rows.Repaired(transaction, finding, FindingState.Requeued, null, actor, cancellationToken);
        await Audit(transaction, finding, reason, actor, new { queued = quantity, events = sum.Events }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeUps.Hint(Metering.Metering.UnratedChannel);
        return new RepairOutcome.Repaired((await rows.Finding(finding.Id, null, cancellationToken))!);
    }

    private const string LockPositionsSql = """
        select 1
        from charging.rating_positions
        where org_id = $1
            and billing_account_id = $2
        order by component_id, period_start, group_values
        for update
        """;

    // Nobody rates this account meanwhile: what is looked up below stays so until the commit.
    private static async Task LockPositions(
        NpgsqlTransaction transaction, OrgId org, BillingAccountId account, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockPositionsSql, org.Value, account.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<string?> WhereItIs(
        NpgsqlTransaction transaction, OrgId org, UsageKey key, Guid fold, CancellationToken cancellationToken)
    {
        var bucket = new Period(key.BucketStart, key.BucketStart.AddTicks(QuarterHour.Ticks));
        var rated = (await lines.UsedIn(transaction, org, bucket, cancellationToken))
            .FirstOrDefault(line => SliceComparison.KeyOf(line) == key && line.Folds.Contains(fold));
        if (rated is not null)
        {
            return rated.Id.ToString();
        }

        var waiting = await trail.Waiting(transaction, org, bucket, cancellationToken);
        var setAside = await UnpricedRows.SetAsideIn(transaction, org, bucket, cancellationToken);
        return waiting.Concat(setAside).Any(usage => usage.Fold == fold
            && usage.BillingAccount == key.BillingAccount && usage.Meter == key.Meter && usage.Dimensions == key.Dimensions)
            ? "what waits for rating"
            : null;
    }

    private const string IsInPositionSql = """
        select exists (
            select
            from charging.rating_positions p
            where p.org_id = $1
                and p.billing_account_id = $2
                and (select coalesce(sum(quantity), 0) from unnest(p.quantities) as quantity) <> (
                    select coalesce(sum(l.quantity), 0)
                    from charging.rated_lines l
                    where l.org_id = p.org_id
                        and l.billing_account_id = p.billing_account_id
                        and l.component_id = p.component_id
                        and l.period_start = p.period_start
                        and l.group_values = p.group_values))
        """;

    private static async Task<bool> IsInPosition(
        NpgsqlTransaction transaction, OrgId org, BillingAccountId account, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(IsInPositionSql, org.Value, account.Value);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<RepairOutcome> Correct(
        ReconciliationFinding finding,
        TransferId transfer,
        CorrectionKind kind,
        string reason,
        string actor,
        CancellationToken cancellationToken)
    {
        var fault = finding.Fault;
        var asked = new NewCorrection(
            transfer,
            kind,
            $"reconciliation:{finding.Id}",
            reason,
            $"{finding.Run} found at {fault.Subject}: expected {fault.Expected}; found {fault.Found}",
            kind == CorrectionKind.Reversal ? [] : await LegsOf(finding, cancellationToken));
        var outcome = await corrections.Request(finding.Org, asked, actor, cancellationToken);
        var correction = outcome switch
        {
            CorrectionRequestOutcome.Requested(var made, _) => made.Id,
            CorrectionRequestOutcome.Refused(CorrectionRefusal.AlreadyRequested(var open)) => open,
            _ => default,
        };
        if (correction == default)
        {
            return outcome switch
            {
                CorrectionRequestOutcome.NoSuchTransfer => new RepairOutcome.NothingToRepair("The transfer is not there any more."),
                CorrectionRequestOutcome.Refused(CorrectionRefusal.AlreadyReversed(var by)) =>
                    new RepairOutcome.NothingToRepair($"{by} undid the transfer."),
                _ => new RepairOutcome.NotRepairable($"The ledger does not take this correction: {outcome}."),
            };
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await rows.Repaired(transaction, finding, FindingState.CorrectionRequested, correction, actor, cancellationToken);
        await Audit(transaction, finding, reason, actor, new { correction = correction.ToString() }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new RepairOutcome.Repaired((await rows.Finding(finding.Id, null, cancellationToken))!);
    }

    // What was earned too much goes back to who owes it; what was earned too little is owed.
    private async Task<IReadOnlyList<Leg>> LegsOf(ReconciliationFinding finding, CancellationToken cancellationToken)
    {
        var surplus = finding.Fault.Difference!.Value;
        var account = await organisations.FindBillingAccount(
            finding.Org, finding.Fault.BillingAccount!.Value, cancellationToken);
        var payer = account?.Settlement == Settlement.Prepaid ? AccountKind.Overdraft : AccountKind.Receivable;
        return [new Leg(AccountKind.Revenue, -surplus, null), new Leg(payer, surplus, null)];
    }

    private Task Audit(
        NpgsqlTransaction transaction,
        ReconciliationFinding finding,
        string reason,
        string actor,
        object after,
        CancellationToken cancellationToken) => audit.Record(
        transaction,
        new AuditEntry(
            finding.Org,
            actor,
            "reconciliation_finding.repaired",
            finding.Id.ToString(),
            reason,
            After: JsonSerializer.Serialize(after)),
        cancellationToken);

    private static string WhatToDo(ReconciliationFault fault) => fault.Kind switch
    {
        ReconciliationKind.BucketMismatch =>
            "A bucket only shows usage; no money follows from it. Rebuild it from a backup of the database.",
        ReconciliationKind.MissingPosting =>
            "The transfer is not in the books: 'quoin ledger verify' says what else is missing, a backup has it.",
        _ => "A rated line never changes and is never removed: what is wrong about one, a backup can tell. "
            + "If money was posted by it, the finding about its transfer asks for the correction.",
    };
}
