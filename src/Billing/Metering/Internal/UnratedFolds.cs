using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>The queue of folded usage between metering and rating.</summary>
internal sealed class UnratedFolds(NpgsqlDataSource database)
{
    // Shard by shard, each in the order of its index: the oldest of all shards together would mean sorting all that waits.
    // The row's address is good for as long as the row is locked.
    private const string TakeSql = """
        with taken as materialized (
            select waiting.address
            from unnest($1::smallint[]) with ordinality as wanted (shard, place)
            cross join lateral (
                select unrated_folds.ctid as address
                from metering.unrated_folds
                where unrated_folds.shard = wanted.shard
                order by unrated_folds.fold_id
                limit $2
                for update skip locked
            ) waiting
            limit $3
        )
        delete from metering.unrated_folds
        where ctid = any(array(select address from taken))
        returning org_id, billing_account_id, meter_id, dimensions, bucket_start, fold_id, quantity, event_count, recorded_at,
            names_holds
        """;

    // With which shard to begin, so that a busy one does not keep the others waiting.
    private int turn;

    public async Task<TakenUsage> Take(
        NpgsqlTransaction transaction,
        IReadOnlyList<int> shards,
        int limit,
        CancellationToken cancellationToken)
    {
        var first = (int)((uint)Interlocked.Increment(ref turn) % shards.Count);
        short[] inTurn = [.. shards.Skip(first).Concat(shards.Take(first)).Select(shard => (short)shard)];
        var perShard = Math.Max(limit / 2, limit / shards.Count);
        IReadOnlyList<FoldedUsage> taken;
        await using (var command = transaction.Sql(TakeSql, inTurn, perShard, limit))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            taken = await FoldedUsageRows.Read(reader, cancellationToken);
        }

        return await FoldHolds.Complete(transaction, taken, cancellationToken);
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
        return await StageDepth.Read(command, cancellationToken);
    }

    private const string DepthSql = """
        select count(*), min(recorded_at)
        from metering.unrated_folds
        """;

    public async Task<StageDepth> Depth(CancellationToken cancellationToken)
    {
        await using var command = database.Sql(DepthSql);
        return await StageDepth.Read(command, cancellationToken);
    }
}
