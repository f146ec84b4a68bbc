using Npgsql;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>Usage set aside, as rows: kept whole, so that a later price rates it as if it had just been folded.</summary>
internal static class UnpricedRows
{
    // Older than every revision of the catalogue: the next step takes it back.
    private const long BeforeAnyPrice = -1;

    private const string AddSql = """
        insert into charging.unpriced_usage
            (org_id, fold_id, billing_account_id, meter_id, dimensions, bucket_start, quantity, event_count, recorded_at,
            reason, failure, shard, catalogue_revision, set_aside_at)
        select *, $13, $14
        from unnest(
            $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::numeric[], $8::bigint[],
            $9::timestamptz[], $10::text[], $11::text[], $12::smallint[])
        """;

    public static async Task Add(
        NpgsqlTransaction transaction,
        IReadOnlyList<SetAside> setAside,
        long revision,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (setAside.Count == 0)
        {
            return;
        }

        await using var command = transaction.Sql(
            AddSql,
            setAside.Select(row => row.Usage.Org.Value).ToArray(),
            setAside.Select(row => row.Usage.Fold).ToArray(),
            setAside.Select(row => row.Usage.BillingAccount.Value).ToArray(),
            setAside.Select(row => row.Usage.Meter.Value).ToArray(),
            setAside.Select(row => row.Usage.Dimensions.Text).ToArray(),
            setAside.Select(row => row.Usage.BucketStart).ToArray(),
            setAside.Select(row => row.Usage.Quantity).ToArray(),
            setAside.Select(row => row.Usage.EventCount).ToArray(),
            setAside.Select(row => row.Usage.RecordedAt).ToArray(),
            setAside.Select(row => row.Reason).ToArray(),
            setAside.Select(row => row.Failure).ToArray(),
            setAside.Select(row => (short)OrgShard.Of(row.Usage.Org, Metering.Limits.Shards)).ToArray(),
            revision,
            now);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // Only what was set aside under older prices: the same prices would set it aside again.
    private const string TakeBackSql = """
        with taken as materialized (
            select ctid
            from charging.unpriced_usage
            where shard = any($1)
                and catalogue_revision < $2
            limit $3
            for update skip locked
        )
        delete from charging.unpriced_usage
        where ctid = any(array(select ctid from taken))
        returning org_id, billing_account_id, meter_id, dimensions, bucket_start, fold_id, quantity, event_count, recorded_at
        """;

    public static async Task<IReadOnlyList<FoldedUsage>> TakeBack(
        NpgsqlTransaction transaction,
        IReadOnlyList<int> shards,
        long revision,
        int limit,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            TakeBackSql, shards.Select(shard => (short)shard).ToArray(), revision, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await FoldedUsageRows.Read(reader, cancellationToken);
    }

    private const string RetrySql = """
        update charging.unpriced_usage
        set catalogue_revision = $2
        where ($1::uuid is null or org_id = $1)
            and catalogue_revision <> $2
        """;

    /// <summary>Has set-aside usage tried again whatever the prices, of one organisation or of all; returns how many folds.</summary>
    public static async Task<long> Retry(NpgsqlTransaction transaction, OrgId? org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(RetrySql, org?.Value, BeforeAnyPrice);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string DepthSql = """
        select count(*), min(recorded_at)
        from charging.unpriced_usage
        """;

    public static async Task<StageDepth> Depth(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(DepthSql);
        return await StageDepth.Read(command, cancellationToken);
    }

    private const string SetAsideInSql = """
        select org_id, billing_account_id, meter_id, dimensions, bucket_start, fold_id, quantity, event_count, recorded_at
        from charging.unpriced_usage
        where org_id = $1
            and bucket_start >= $2
            and bucket_start < $3
        """;

    public static async Task<IReadOnlyList<FoldedUsage>> SetAsideIn(
        NpgsqlTransaction transaction, OrgId org, Period range, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(SetAsideInSql, org.Value, range.Start, range.End);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await FoldedUsageRows.Read(reader, cancellationToken);
    }

    private const string SummarySql = """
        select org_id, billing_account_id, reason, failure, meter_id, dimensions, sum(quantity), sum(event_count)::bigint,
            min(recorded_at)
        from charging.unpriced_usage
        where ($1::uuid is null or org_id = $1)
            and ($2::text is null or reason = $2)
        group by org_id, billing_account_id, reason, failure, meter_id, dimensions
        order by min(recorded_at)
        limit $3
        """;

    /// <summary>What is set aside, by kind, the oldest first.</summary>
    public static async Task<IReadOnlyList<UnpricedUsage>> Summary(
        NpgsqlDataSource database, OrgId? org, string? reason, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(SummarySql, org?.Value, reason, Limits.UnpricedShownMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<UnpricedUsage>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new UnpricedUsage(
                new OrgId(reader.GetGuid(0)),
                new BillingAccountId(reader.GetGuid(1)),
                reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                new MeterId(reader.GetGuid(4)),
                Dimensions.FromText(reader.GetString(5)),
                reader.GetDecimal(6),
                reader.GetInt64(7),
                reader.GetFieldValue<DateTimeOffset>(8)));
        }

        return rows;
    }
}
