using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// Measures stored events again, as if nothing had been folded yet: what buckets, queue and lines are compared with. It
/// reads one event at a time and remembers none.
/// </summary>
internal sealed class RederiveUsage(MeterCatalogue meters)
{
    private const string EventsSql = """
        select fold_id, billing_account_id, type, occurred_at, data::text
        from metering.events
        where org_id = $1
            and occurred_at >= $2
            and occurred_at < $3
            and fold_id >= $4
        """;

    private const string FoldSql = """
        select fold_id, billing_account_id, type, occurred_at, data::text
        from metering.events
        where org_id = $1
            and fold_id = $2
            and ordinal >= $3
            and ordinal < $4
        """;

    public IAsyncEnumerable<DerivedUsage> Run(
        NpgsqlTransaction transaction, OrgId org, Period range, DateTimeOffset recordedFrom, CancellationToken cancellationToken) =>
        Measure(
            transaction.Sql(EventsSql, org.Value, range.Start, range.End, IdSource.LowerBound(recordedFrom)), cancellationToken);

    public IAsyncEnumerable<DerivedUsage> Run(
        NpgsqlTransaction transaction, OrgId org, Guid fold, int from, int to, CancellationToken cancellationToken) =>
        Measure(transaction.Sql(FoldSql, org.Value, fold, from, to), cancellationToken);

    private async IAsyncEnumerable<DerivedUsage> Measure(
        NpgsqlCommand command, [EnumeratorCancellation] CancellationToken cancellationToken)
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
                var readings = known.For(Encoding.UTF8.GetBytes(reader.GetString(2)))?.At(occurredAt) ?? [];
                foreach (var reading in readings)
                {
                    if (reading.Meter.Aggregation != Aggregation.TimeWeighted
                        && measuring.Measure(reading, reader.GetString(4)) is { } measured)
                    {
                        var key = new UsageKey(
                            new BillingAccountId(reader.GetGuid(1)),
                            reading.Meter.Id,
                            measured.Dimensions,
                            QuarterHour.Of(occurredAt));
                        yield return new DerivedUsage(
                            key, reader.GetGuid(0), reading.Meter.IsAdditive ? measured.Quantity : 0, 1);
                    }
                }
            }
        }
    }
}
