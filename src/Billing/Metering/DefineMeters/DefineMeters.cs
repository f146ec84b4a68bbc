using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// Defines meters and their versions, one at a time: whether an event type was ever read decides from when on a meter may
/// measure. What no meter read was never stored, so the first ones may measure from the beginning; any later one begins ahead
/// of everything measured so far.
/// </summary>
internal sealed class DefineMeters(
    NpgsqlDataSource database, TimeProvider time, IdSource ids, IAudit audit, MeterCatalogue catalogue)
{
    public async Task<DefineOutcome> Create(
        IReadOnlyList<MeterInput> inputs, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var known = await Lock(transaction, cancellationToken);
        if (known.Count + inputs.Count > Limits.MetersMax)
        {
            return new DefineOutcome.Refused($"There would be more than {Limits.MetersMax} meters.");
        }

        var readTypes = known
            .SelectMany(meter => meter.Versions.Select(version => version.Definition.EventType))
            .ToHashSet(StringComparer.Ordinal);
        var keys = known.Select(meter => meter.Key).ToHashSet(StringComparer.Ordinal);
        var made = new List<Meter>();
        foreach (var (index, input) in inputs.Index())
        {
            if (!keys.Add(input.Key))
            {
                return new DefineOutcome.Taken(input.Key);
            }

            DateTimeOffset? beginning = readTypes.Contains(input.Definition.EventType) ? null : Limits.OldestTime;
            var reason = MeterRules.WhyRefused(input.Key, input.Unit)
                ?? MeterRules.WhyRefused(input.Aggregation, input.Definition);
            var wrong = Start(input.EffectiveFrom, beginning, null, out var start);
            if ((reason ?? wrong) is { } refusal)
            {
                return new DefineOutcome.Refused($"meters[{index}]: {refusal}");
            }

            var version = new MeterVersion(1, start, input.Definition);
            made.Add(new Meter(ids.Next<MeterId>(), input.Key, input.Aggregation, input.Unit, [version]));
        }

        foreach (var meter in made)
        {
            await Insert(transaction, meter, cancellationToken);
        }

        return await Finish(transaction, made, "meter.created", actor, idempotent, cancellationToken);
    }

    public async Task<DefineOutcome> AddVersion(
        string meterName,
        MeterVersionInput input,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var meters = await Lock(transaction, cancellationToken);
        if (meters.Find(meter => meter.IsNamed(meterName)) is not { } meter)
        {
            return new DefineOutcome.NoSuchMeter();
        }

        if (MeterRules.WhyRefused(meter.Aggregation, input.Definition) is { } reason)
        {
            return new DefineOutcome.Refused(reason);
        }

        if (meter.Versions.Count >= Limits.VersionsMax)
        {
            return new DefineOutcome.Refused($"The meter has {Limits.VersionsMax} versions, as many as it may have.");
        }

        if (Start(input.EffectiveFrom, null, meter.Newest.EffectiveFrom, out var start) is { } wrong)
        {
            return new DefineOutcome.Refused(wrong);
        }

        var version = new MeterVersion(meter.Newest.Number + 1, start, input.Definition);
        await Insert(transaction, meter.Id, version, cancellationToken);
        var changed = meter with { Versions = [.. meter.Versions, version] };
        return await Finish(transaction, [changed], "meter.version_added", actor, idempotent, cancellationToken);
    }

    private async Task<DefineOutcome> Finish(
        NpgsqlTransaction transaction,
        IReadOnlyList<Meter> changed,
        string action,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        foreach (var meter in changed)
        {
            var entry = new AuditEntry(
                null, actor, action, meter.Id.ToString(), After: MeterRows.Text(meter.Newest.Definition));
            await audit.Record(transaction, entry, cancellationToken);
        }

        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        catalogue.Forget();
        return new DefineOutcome.Defined(changed);
    }

    /// <summary>Decides when a version begins; returns why it cannot.</summary>
    private string? Start(DateTimeOffset? wanted, DateTimeOffset? otherwise, DateTimeOffset? after, out DateTimeOffset start)
    {
        var earliest = time.GetUtcNow() + Limits.VersionAhead;
        start = wanted ?? otherwise ?? QuarterHour.Of(earliest).AddTicks(QuarterHour.Ticks);
        return !QuarterHour.IsStart(start)
            ? "effective_from is the start of a quarter hour, UTC."
            : start <= after
                ? "effective_from lies after the newest version's."
                : start < earliest && start != otherwise
                    ? $"effective_from lies at least {Limits.VersionAhead.TotalMinutes} minutes ahead, so that nothing measured "
                        + "changes; the first meters of an event type may leave it out and measure from the beginning."
                    : null;
    }

    private const string LockSql = "select pg_advisory_xact_lock(hashtext('metering.meters'))";

    private static async Task<List<Meter>> Lock(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using (var command = transaction.Sql(LockSql))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var meters = transaction.Sql(MeterCatalogue.MetersSql);
        await using var reader = await meters.ExecuteReaderAsync(cancellationToken);
        return await MeterRows.Read(reader, cancellationToken);
    }

    private const string InsertMeterSql = """
        insert into metering.meters (meter_id, key, aggregation, unit, created_at)
        values ($1, $2, $3, $4, $5)
        """;

    private async Task Insert(NpgsqlTransaction transaction, Meter meter, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertMeterSql, meter.Id.Value, meter.Key, MeterRows.Text(meter.Aggregation), meter.Unit, time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
        await Insert(transaction, meter.Id, meter.Newest, cancellationToken);
    }

    private const string InsertVersionSql = """
        insert into metering.meter_versions (meter_id, version, effective_from, definition, created_at)
        values ($1, $2, $3, $4::jsonb, $5)
        """;

    private async Task Insert(
        NpgsqlTransaction transaction, MeterId meter, MeterVersion version, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertVersionSql,
            meter.Value,
            version.Number,
            version.EffectiveFrom,
            MeterRows.Text(version.Definition),
            time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
