using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>Reads usage from buckets.</summary>
internal sealed class UsageQueries(NpgsqlDataSource database, MeterCatalogue meters)
{
    // date_bin is exact arithmetic on UTC instants; no time zone of a session can change it.
    private const string UsageSql = """
        select window_start, meter_id, values, sum(quantity), sum(event_count)::bigint
        from (
            select
                date_bin($4::interval, bucket_start, timestamptz '2000-01-01 00:00:00+00') as window_start,
                meter_id,
                array(select dimensions::jsonb ->> name from unnest($5::text[]) as name) as values,
                quantity,
                event_count
            from metering.usage_buckets
            where org_id = $1
                and bucket_start >= $2
                and bucket_start < $3
                and ($6::uuid is null or billing_account_id = $6)
        ) as bucket
        group by window_start, meter_id, values
        order by window_start, meter_id, values
        limit $7
        """;

    public async Task<IReadOnlyList<UsagePoint>> Run(
        OrgId org, UsageQuery query, int limit, CancellationToken cancellationToken)
    {
        var known = await meters.Current(cancellationToken);
        await using var command = database.Sql(
            UsageSql,
            org.Value,
            query.Range.Start,
            query.Range.End,
            query.Window.Width(),
            query.GroupBy.ToArray(),
            query.BillingAccount?.Value,
            limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var points = new List<UsagePoint>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var values = reader.GetFieldValue<string?[]>(2);
            points.Add(new UsagePoint(
                reader.GetFieldValue<DateTimeOffset>(0),
                known.Meter(new MeterId(reader.GetGuid(1))).Key,
                Dimensions.Of(query.GroupBy.Zip(values, (name, value) => KeyValuePair.Create(name, value ?? string.Empty))),
                reader.GetDecimal(3),
                reader.GetInt64(4)));
        }

        return points;
    }
}
