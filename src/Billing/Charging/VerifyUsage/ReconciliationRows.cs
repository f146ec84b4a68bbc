using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>How far a run has come: an organisation, a stage, and a place in that stage.</summary>
internal sealed record RunPlace(OrgId? Org, string Stage, string Place)
{
    public static readonly RunPlace Start = new(null, string.Empty, string.Empty);
}

/// <summary>What a step of a run compared.</summary>
internal readonly record struct RunTally(int Organisations, long Events, long Lines, long Transfers);

/// <summary>Runs and findings as rows: the only rows a reconciliation writes.</summary>
internal sealed class ReconciliationRows(NpgsqlDataSource database, TimeProvider time, IdSource ids)
{
    private const string RunColumns = """
        run_id, org_id, from_at, to_at, state, started_by, started_at, finished_at, at_org, at_stage, at_place,
        organisation_count, event_count, line_count, transfer_count, finding_count
        """;

    private const string AddSql = """
        insert into charging.reconciliation_runs
            (run_id, org_id, from_at, to_at, cause, state, started_by, started_at, at_stage, at_place)
        values ($1, $2, $3, $4, $5, 'running', $6, $7, '', '')
        on conflict (cause) do nothing
        """;

    /// <summary>Adds a run; null when its cause has had one.</summary>
    public async Task<ReconciliationRunId?> Add(
        NpgsqlTransaction transaction,
        ReconciliationScope scope,
        string cause,
        string actor,
        CancellationToken cancellationToken)
    {
        var id = ids.Next<ReconciliationRunId>();
        await using var command = transaction.Sql(
            AddSql,
            id.Value,
            scope.Org?.Value,
            scope.Range.Start,
            scope.Range.End,
            cause.Length == 0 ? id.ToString() : cause,
            actor,
            time.GetUtcNow());
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1 ? id : null;
    }

    private const string FindSql = $"""
        select {RunColumns}
        from charging.reconciliation_runs
        where run_id = $1
        """;

    public async Task<(ReconciliationRun Run, RunPlace Place)?> Find(
        ReconciliationRunId run, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, run.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? ReadRun(reader) : null;
    }

    private const string NewestSql = $"""
        select {RunColumns}
        from charging.reconciliation_runs
        where run_id < $1
            and ($2::uuid is null or org_id = $2)
        order by run_id desc
        limit $3
        """;

    public async Task<IReadOnlyList<ReconciliationRun>> Newest(
        OrgId? org, ReconciliationRunId? before, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(NewestSql, before?.Value ?? Guid.AllBitsSet, org?.Value, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var runs = new List<ReconciliationRun>();
        while (await reader.ReadAsync(cancellationToken))
        {
            runs.Add(ReadRun(reader).Run);
        }

        return runs;
    }

    private const string AdvanceSql = """
        update charging.reconciliation_runs
        set at_org = $2,
            at_stage = $3,
            at_place = $4,
            organisation_count = organisation_count + $5,
            event_count = event_count + $6,
            line_count = line_count + $7,
            transfer_count = transfer_count + $8,
            finding_count = finding_count + $9
        where run_id = $1
            and state = 'running'
        """;

    /// <summary>Remembers how far a run has come; false when somebody stopped it.</summary>
    public static async Task<bool> Advance(
        NpgsqlTransaction transaction,
        ReconciliationRunId run,
        RunPlace place,
        RunTally tally,
        int findings,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            AdvanceSql,
            run.Value,
            place.Org?.Value,
            place.Stage,
            place.Place,
            tally.Organisations,
            tally.Events,
            tally.Lines,
            tally.Transfers,
            findings);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string FinishSql = """
        update charging.reconciliation_runs
        set state = $2,
            finished_at = $3
        where run_id = $1
            and state = 'running'
        """;

    public async Task<bool> Finish(
        NpgsqlTransaction transaction, ReconciliationRunId run, string state, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(FinishSql, run.Value, state, time.GetUtcNow());
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static (ReconciliationRun Run, RunPlace Place) ReadRun(NpgsqlDataReader reader)
    {
        var place = new RunPlace(
            reader.IsDBNull(8) ? null : new OrgId(reader.GetGuid(8)), reader.GetString(9), reader.GetString(10));
        var run = new ReconciliationRun(
            new ReconciliationRunId(reader.GetGuid(0)),
            new ReconciliationScope(
                reader.IsDBNull(1) ? null : new OrgId(reader.GetGuid(1)),
                new Period(reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3))),
            Enum.Parse<ReconciliationState>(reader.GetString(4), ignoreCase: true),
            reader.GetString(5),
            reader.GetFieldValue<DateTimeOffset>(6),
            reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7),
            $"{place.Org} {place.Stage} {place.Place}".Trim(),
            reader.GetInt32(11),
            reader.GetInt64(12),
            reader.GetInt64(13),
            reader.GetInt64(14),
            reader.GetInt64(15));
        return (run, place);
    }

    private const string AddFindingsSql = """
        insert into charging.reconciliation_findings
            (org_id, finding_id, run_id, kind, stage, subject, expected, found, billing_account_id, meter_id, dimensions,
            bucket_start, fold_id, line_id, transfer_id, difference_micros, currency, found_at, state)
        select $1, finding_id, $2, kind, stage, subject, expected, found, billing_account_id, meter_id, dimensions,
            bucket_start, fold_id, line_id, transfer_id, difference_micros, currency, $3, 'open'
        from unnest(
            $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::uuid[], $11::uuid[], $12::text[],
            $13::timestamptz[], $14::uuid[], $15::uuid[], $16::uuid[], $17::bigint[], $18::text[])
            as made (finding_id, kind, stage, subject, expected, found, billing_account_id, meter_id, dimensions,
                bucket_start, fold_id, line_id, transfer_id, difference_micros, currency)
        on conflict (org_id, run_id, kind, subject) do nothing
        """;

    /// <summary>Adds what was found; what the run found before stays as it is.</summary>
    /// <returns>How many were new.</returns>
    public async Task<int> AddFindings(
        NpgsqlTransaction transaction,
        ReconciliationRunId run,
        OrgId org,
        IReadOnlyList<ReconciliationFault> faults,
        CancellationToken cancellationToken)
    {
        if (faults.Count == 0)
        {
            return 0;
        }

        await using var command = transaction.Sql(
            AddFindingsSql,
            org.Value,
            run.Value,
            time.GetUtcNow(),
            faults.Select(_ => ids.Next()).ToArray(),
            faults.Select(fault => NameOf(fault.Kind)).ToArray(),
            faults.Select(fault => NameOf(fault.Stage)).ToArray(),
            faults.Select(fault => fault.Subject).ToArray(),
            faults.Select(fault => fault.Expected).ToArray(),
            faults.Select(fault => fault.Found).ToArray(),
            faults.Select(fault => (fault.BillingAccount ?? fault.Usage?.BillingAccount)?.Value).ToArray(),
            faults.Select(fault => fault.Usage?.Meter.Value).ToArray(),
            faults.Select(fault => fault.Usage?.Dimensions.Text).ToArray(),
            faults.Select(fault => fault.Usage?.BucketStart).ToArray(),
            faults.Select(fault => fault.Fold).ToArray(),
            faults.Select(fault => fault.Line?.Value).ToArray(),
            faults.Select(fault => fault.Transfer?.Value).ToArray(),
            faults.Select(fault => fault.Difference?.Micros).ToArray(),
            faults.Select(fault => fault.Difference?.Currency.Code).ToArray());
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string FindingColumns = """
        finding_id, org_id, run_id, kind, stage, subject, expected, found, billing_account_id, meter_id, dimensions,
        bucket_start, fold_id, line_id, transfer_id, difference_micros, currency, found_at, state, correction_id,
        repaired_by, repaired_at
        """;

    private const string FindingsSql = $"""
        select {FindingColumns}
        from charging.reconciliation_findings
        where run_id = $1
            and finding_id > $2
            and ($3::uuid is null or org_id = $3)
            and ($4::text is null or kind = $4)
        order by finding_id
        limit $5
        """;

    public async Task<IReadOnlyList<ReconciliationFinding>> Findings(
        ReconciliationRunId run,
        OrgId? org,
        ReconciliationKind? kind,
        ReconciliationFindingId? after,
        int limit,
        CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            FindingsSql,
            run.Value,
            after?.Value ?? Guid.Empty,
            org?.Value,
            kind is { } one ? NameOf(one) : null,
            limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var findings = new List<ReconciliationFinding>();
        while (await reader.ReadAsync(cancellationToken))
        {
            findings.Add(ReadFinding(reader));
        }

        return findings;
    }

    private const string FindingSql = $"""
        select {FindingColumns}
        from charging.reconciliation_findings
        where finding_id = $1
            and ($2::uuid is null or org_id = $2)
        """;

    public async Task<ReconciliationFinding?> Finding(
        ReconciliationFindingId finding, OrgId? org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindingSql, finding.Value, org?.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? ReadFinding(reader) : null;
    }

    private const string RepairedSql = """
        update charging.reconciliation_findings
        set state = $3,
            correction_id = $4,
            repaired_by = $5,
            repaired_at = $6
        where org_id = $1
            and finding_id = $2
            and state = 'open'
        """;

    public async Task Repaired(
        NpgsqlTransaction transaction,
        ReconciliationFinding finding,
        FindingState state,
        CorrectionId? correction,
        string actor,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            RepairedSql,
            finding.Org.Value,
            finding.Id.Value,
            NameOf(state),
            correction?.Value,
            actor,
            time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A word as it is stored and shown: <c>missing_rating</c>.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static T ValueOf<T>(string name)
        where T : struct, Enum => Enum.Parse<T>(name.Replace("_", string.Empty, StringComparison.Ordinal), ignoreCase: true);

    private static ReconciliationFinding ReadFinding(NpgsqlDataReader reader)
    {
        BillingAccountId? account = reader.IsDBNull(8) ? null : new BillingAccountId(reader.GetGuid(8));
        var fault = new ReconciliationFault(
            ValueOf<ReconciliationKind>(reader.GetString(3)),
            ValueOf<ReconciliationStage>(reader.GetString(4)),
            reader.GetString(5),
            reader.GetString(6),
            reader.GetString(7))
        {
            BillingAccount = account,
            Usage = reader.IsDBNull(9)
                ? null
                : new UsageKey(
                    account!.Value,
                    new MeterId(reader.GetGuid(9)),
                    Dimensions.FromText(reader.GetString(10)),
                    reader.GetFieldValue<DateTimeOffset>(11)),
            Fold = reader.IsDBNull(12) ? null : reader.GetGuid(12),
            Line = reader.IsDBNull(13) ? null : new RatedLineId(reader.GetGuid(13)),
            Transfer = reader.IsDBNull(14) ? null : new TransferId(reader.GetGuid(14)),
            Difference = reader.IsDBNull(15) ? null : new Money(reader.GetInt64(15), Currency.Of(reader.GetString(16))),
        };
        return new ReconciliationFinding(
            new ReconciliationFindingId(reader.GetGuid(0)),
            new OrgId(reader.GetGuid(1)),
            new ReconciliationRunId(reader.GetGuid(2)),
            fault,
            reader.GetFieldValue<DateTimeOffset>(17),
            ValueOf<FindingState>(reader.GetString(18)),
            reader.IsDBNull(19) ? null : new CorrectionId(reader.GetGuid(19)),
            reader.IsDBNull(20) ? null : reader.GetString(20),
            reader.IsDBNull(21) ? null : reader.GetFieldValue<DateTimeOffset>(21));
    }
}
