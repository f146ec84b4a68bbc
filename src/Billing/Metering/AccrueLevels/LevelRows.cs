using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>Levels as rows, locked while they are accrued.</summary>
internal static class LevelRows
{
    private const string DueSql = """
        select meter_id, resource, occurred_at, key_hash
        from metering.series_levels
        where org_id = $1
            and due_at <= $2
        order by due_at
        limit $3
        """;

    private const string LockSql = """
        select 1
        from unnest($2::uuid[], $3::text[]) with ordinality as wanted (meter_id, resource, place)
        cross join lateral (
            select 1
            from metering.series
            where series.org_id = $1
                and series.meter_id = wanted.meter_id
                and series.resource = wanted.resource
            for update
        ) locked
        """;

    private const string ReadSql = """
        select l.meter_id, l.resource, l.occurred_at, l.key_hash, l.billing_account_id, l.dimensions, l.level, l.fold_id,
            l.ordinal, l.ends_at, l.accrued_to
        from unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::uuid[])
            as wanted (meter_id, resource, occurred_at, key_hash)
        cross join lateral (
            select *
            from metering.series_levels
            where series_levels.org_id = $1
                and series_levels.meter_id = wanted.meter_id
                and series_levels.resource = wanted.resource
                and series_levels.occurred_at = wanted.occurred_at
                and series_levels.key_hash = wanted.key_hash
                and series_levels.due_at <= $6
        ) l
        """;

    /// <summary>
    /// Some levels that are due, with their series locked in order: whoever adds to a series or accrues it waits. They are
    /// read again under the lock, for they may have been accrued or ended meanwhile.
    /// </summary>
    public static async Task<List<SeriesLevel>> Lock(
        NpgsqlTransaction transaction, OrgId org, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var keys = await Due(transaction, org, instant, cancellationToken);
        if (keys.Count == 0)
        {
            return [];
        }

        var series = keys
            .Select(key => (key.Meter, key.Resource))
            .Distinct()
            .OrderBy(one => one.Meter)
            .ThenBy(one => one.Resource, StringComparer.Ordinal)
            .ToList();
        await using (var command = transaction.Sql(
            LockSql, org.Value, series.ConvertAll(one => one.Meter), series.ConvertAll(one => one.Resource)))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return await Read(transaction, org, keys, instant, cancellationToken);
    }

    private static async Task<List<LevelKey>> Due(
        NpgsqlTransaction transaction, OrgId org, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(DueSql, org.Value, instant, Limits.LevelsPerStepMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<LevelKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(new LevelKey(
                reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetGuid(3)));
        }

        return keys;
    }

    private static async Task<List<SeriesLevel>> Read(
        NpgsqlTransaction transaction,
        OrgId org,
        List<LevelKey> keys,
        DateTimeOffset instant,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            ReadSql,
            org.Value,
            keys.ConvertAll(key => key.Meter),
            keys.ConvertAll(key => key.Resource),
            keys.ConvertAll(key => key.OccurredAt),
            keys.ConvertAll(key => key.KeyHash),
            instant);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var levels = new List<SeriesLevel>();
        while (await reader.ReadAsync(cancellationToken))
        {
            levels.Add(new SeriesLevel(
                new MeterId(reader.GetGuid(0)),
                reader.GetString(1),
                reader.GetFieldValue<DateTimeOffset>(2),
                reader.GetGuid(3),
                new BillingAccountId(reader.GetGuid(4)),
                Dimensions.FromText(reader.GetString(5)),
                reader.GetDecimal(6),
                new EventPosition(reader.GetGuid(7), reader.GetInt32(8)),
                reader.IsDBNull(9) ? null : reader.GetFieldValue<DateTimeOffset>(9),
                reader.GetFieldValue<DateTimeOffset>(10)));
        }

        return levels;
    }

    private readonly record struct LevelKey(Guid Meter, string Resource, DateTimeOffset OccurredAt, Guid KeyHash);
}
