using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>What is stored of folded usage: buckets and the queue, as one transaction sees them.</summary>
internal static class StoredUsage
{
    private const string BucketsSql = """
        select billing_account_id, meter_id, dimensions, bucket_start, quantity, event_count
        from metering.usage_buckets
        where org_id = $1
            and bucket_start >= $2
            and bucket_start < $3
        """;

    public static async Task<IReadOnlyList<StoredBucket>> Buckets(
        NpgsqlTransaction transaction, OrgId org, Period range, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(BucketsSql, org.Value, range.Start, range.End);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var buckets = new List<StoredBucket>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var key = new UsageKey(
                new BillingAccountId(reader.GetGuid(0)),
                new MeterId(reader.GetGuid(1)),
                Dimensions.FromText(reader.GetString(2)),
                reader.GetFieldValue<DateTimeOffset>(3));
            buckets.Add(new StoredBucket(key, reader.GetDecimal(4), reader.GetInt64(5)));
        }

        return buckets;
    }

    private const string WaitingSql = """
        select org_id, billing_account_id, meter_id, dimensions, bucket_start, fold_id, quantity, event_count, recorded_at
        from metering.unrated_folds
        where org_id = $1
            and bucket_start >= $2
            and bucket_start < $3
        """;

    public static async Task<IReadOnlyList<FoldedUsage>> Waiting(
        NpgsqlTransaction transaction, OrgId org, Period range, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(WaitingSql, org.Value, range.Start, range.End);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await FoldedUsageRows.Read(reader, cancellationToken);
    }

    private const string NextOrganisationSql = """
        select org_id
        from metering.usage_buckets
        where org_id > $1
        order by org_id
        limit 1
        """;

    public static async Task<OrgId?> NextOrganisation(
        NpgsqlTransaction transaction, OrgId after, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(NextOrganisationSql, after.Value);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid org ? new OrgId(org) : null;
    }

    private const string RequeueSql = """
        insert into metering.unrated_folds
            (org_id, billing_account_id, meter_id, dimensions, bucket_start, quantity, event_count, fold_id, shard, recorded_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict do nothing
        """;

    public static async Task<bool> Requeue(
        NpgsqlTransaction transaction, FoldedUsage usage, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            RequeueSql,
            usage.Org.Value,
            usage.BillingAccount.Value,
            usage.Meter.Value,
            usage.Dimensions.Text,
            usage.BucketStart,
            usage.Quantity,
            usage.EventCount,
            usage.Fold,
            (short)OrgShard.Of(usage.Org, Limits.Shards),
            usage.RecordedAt);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
