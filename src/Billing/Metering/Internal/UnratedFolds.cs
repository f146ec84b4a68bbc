using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>The queue of folded usage between metering and rating.</summary>
internal sealed class UnratedFolds(NpgsqlDataSource database)
{
    private const string TakeSql = """
        with taken as materialized (
            select org_id, fold_id, billing_account_id, meter_id, dimensions, bucket_start
            from metering.unrated_folds
            where shard = any($1)
            order by fold_id
            limit $2
            for update skip locked
        )
        delete from metering.unrated_folds
        using taken
        where unrated_folds.org_id = taken.org_id
            and unrated_folds.fold_id = taken.fold_id
            and unrated_folds.billing_account_id = taken.billing_account_id
            and unrated_folds.meter_id = taken.meter_id
            and unrated_folds.dimensions = taken.dimensions
            and unrated_folds.bucket_start = taken.bucket_start
        returning unrated_folds.org_id, unrated_folds.billing_account_id, unrated_folds.meter_id, unrated_folds.dimensions,
            unrated_folds.bucket_start, unrated_folds.fold_id, unrated_folds.quantity, unrated_folds.event_count,
            unrated_folds.recorded_at
        """;

    public async Task<IReadOnlyList<FoldedUsage>> Take(
        NpgsqlTransaction transaction,
        IReadOnlyList<int> shards,
        int limit,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(TakeSql, shards.Select(shard => (short)shard).ToArray(), limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await FoldedUsageRows.Read(reader, cancellationToken);
    }

    private const string OrgDepthSql = """
        select count(*), min(waiting_since)
        from (
            select recorded_at as waiting_since
            from metering.unrated_folds
            where org_id = $1
            union all
            select ends_at
            from metering.series_levels
            where org_id = $1
                and due_at is not null
                and ends_at is not null
        ) waiting
        """;

    public async Task<StageDepth> Depth(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(OrgDepthSql, org.Value);
        return await Depth(command, cancellationToken);
    }

    private const string DepthSql = """
        select count(*), min(recorded_at)
        from metering.unrated_folds
        """;

    public async Task<StageDepth> Depth(CancellationToken cancellationToken)
    {
        await using var command = database.Sql(DepthSql);
        return await Depth(command, cancellationToken);
    }

    private static async Task<StageDepth> Depth(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new StageDepth(
            reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1));
    }
}
