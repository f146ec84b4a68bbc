using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// Measures stored events again, as if nothing had been folded yet: what buckets, queue and lines are compared with.
/// Events that were taken back count down, in the fold that took them back; levels count for the part of their time that a
/// fold accrued. It reads one at a time and remembers none.
/// </summary>
internal sealed class RederiveUsage(MeterCatalogue meters)
{
    private const string RangeSql = """
        select e.fold_id, e.billing_account_id, e.type, e.occurred_at, e.data::text, 1, null::timestamptz, null::timestamptz
        from metering.events e
        where e.org_id = $1
            and e.occurred_at >= $2
            and e.occurred_at < $3
            and e.fold_id >= $4
        union all
        select a.fold_id, e.billing_account_id, e.type, e.occurred_at, e.data::text, -1, null, null
        from metering.amendments a
        join metering.events e
            on e.org_id = a.org_id and e.fold_id = a.event_fold_id and e.ordinal = a.event_ordinal
        where a.org_id = $1
            and e.occurred_at >= $2
            and e.occurred_at < $3
        union all
        select a.fold_id, e.billing_account_id, e.type, e.occurred_at, e.data::text, 1, a.from_at, a.to_at
        from metering.accruals a
        join metering.events e
            on e.org_id = a.org_id and e.fold_id = a.level_fold_id and e.ordinal = a.level_ordinal
        where a.org_id = $1
            and least(a.from_at, a.to_at) < $3
            and greatest(a.from_at, a.to_at) > $2
        """;

    private const string FoldSql = """
        select e.fold_id, e.billing_account_id, e.type, e.occurred_at, e.data::text, 1, null::timestamptz, null::timestamptz
        from metering.events e
        where e.org_id = $1
            and e.fold_id = $2
            and e.ordinal >= $3
            and e.ordinal < $4
        union all
        select a.fold_id, e.billing_account_id, e.type, e.occurred_at, e.data::text, -1, null, null
        from metering.amendments a
        join metering.events e
            on e.org_id = a.org_id and e.fold_id = a.event_fold_id and e.ordinal = a.event_ordinal
        where a.org_id = $1
            and a.fold_id = $2
        union all
        select a.fold_id, e.billing_account_id, e.type, e.occurred_at, e.data::text, 1, a.from_at, a.to_at
        from metering.accruals a
        join metering.events e
            on e.org_id = a.org_id and e.fold_id = a.level_fold_id and e.ordinal = a.level_ordinal
        where a.org_id = $1
            and a.fold_id = $2
        """;

    public IAsyncEnumerable<DerivedUsage> Run(
        NpgsqlTransaction transaction, OrgId org, Period range, DateTimeOffset recordedFrom, CancellationToken cancellationToken) =>
        Measure(
            transaction.Sql(RangeSql, org.Value, range.Start, range.End, IdSource.LowerBound(recordedFrom)),
            range,
            cancellationToken);

    public IAsyncEnumerable<DerivedUsage> Run(
        NpgsqlTransaction transaction, OrgId org, Guid fold, int from, int to, CancellationToken cancellationToken) =>
        Measure(
            transaction.Sql(FoldSql, org.Value, fold, from, to),
            new Period(DateTimeOffset.MinValue, DateTimeOffset.MaxValue),
            cancellationToken);

    private async IAsyncEnumerable<DerivedUsage> Measure(
        NpgsqlCommand command, Period range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var known = await meters.Current(cancellationToken);
        var measuring = new Measuring();
        await using (command)
        {
            command.CommandTimeout = Limits.RederiveSecondsMax;
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var occurredAt = reader.GetFieldValue<DateTimeOffset>(3);
                foreach (var reading in known.For(Encoding.UTF8.GetBytes(reader.GetString(2)))?.At(occurredAt) ?? [])
                {
                    var isAccrued = !reader.IsDBNull(6);
                    if (isAccrued == (reading.Meter.Aggregation == Aggregation.TimeWeighted)
                        && measuring.Measure(reading, reader.GetString(4)) is { } measured)
                    {
                        foreach (var one in isAccrued ? Accrued(reader, measured, range) : [Counted(reader, measured)])
                        {
                            yield return one;
                        }
                    }
                }
            }
        }
    }

    private static DerivedUsage Counted(NpgsqlDataReader reader, Measurement measured)
    {
        var sign = reader.GetInt32(5);
        return new DerivedUsage(
            Key(reader, measured, QuarterHour.Of(reader.GetFieldValue<DateTimeOffset>(3))),
            reader.GetGuid(0),
            measured.Meter.IsAdditive ? sign * measured.Quantity : 0,
            sign);
    }

    private static List<DerivedUsage> Accrued(NpgsqlDataReader reader, Measurement measured, Period range)
    {
        var parts = new List<DerivedUsage>();
        var (at, to) = (reader.GetFieldValue<DateTimeOffset>(6), reader.GetFieldValue<DateTimeOffset>(7));
        while (at != to)
        {
            var next = LevelParts.Next(at, to);
            var part = LevelParts.Of(measured.Quantity, at, next);
            if (range.Contains(part.BucketStart))
            {
                parts.Add(new DerivedUsage(Key(reader, measured, part.BucketStart), reader.GetGuid(0), part.Quantity, 0));
            }

            at = next;
        }

        return parts;
    }

    private static UsageKey Key(NpgsqlDataReader reader, Measurement measured, DateTimeOffset bucket) =>
        new(new BillingAccountId(reader.GetGuid(1)), measured.Meter.Id, measured.Dimensions, bucket);
}
