using Npgsql;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>Sums rated lines up in steps of any length.</summary>
internal static class SpendQueries
{
    // width_bucket counts steps from one.
    private const string SpendSql = """
        select step, meter_id, values, currency, sum(amount_micros)::bigint
        from (
            select
                width_bucket(bucket_start, $2::timestamptz[]) - 1 as step,
                meter_id,
                array(select coalesce(dimensions::jsonb ->> name, '') from unnest($5::text[]) as name) as values,
                currency,
                amount_micros
            from charging.rated_lines
            where org_id = $1
                and bucket_start >= $3
                and bucket_start < $4
                and ($6::uuid is null or meter_id = $6)
                and ($7::text is null or dimensions::jsonb @> $7::jsonb)
        ) as line
        group by step, meter_id, values, currency
        order by step, meter_id, values, currency
        limit $8
        """;

    public static async Task<IReadOnlyList<SpendPart>> Run(
        NpgsqlDataSource database, OrgId org, SpendQuery query, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            SpendSql,
            org.Value,
            query.Bounds.ToArray(),
            query.Bounds[0],
            query.Bounds[^1],
            query.GroupBy.ToArray(),
            query.Meter?.Value,
            LineQueries.MatchOf(query.Match),
            Limits.SpendPointsMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var parts = new List<SpendPart>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var values = reader.GetFieldValue<string[]>(2);
            parts.Add(new SpendPart(
                reader.GetInt32(0),
                new MeterId(reader.GetGuid(1)),
                Dimensions.Of(query.GroupBy.Zip(values, KeyValuePair.Create)),
                new Money(reader.GetInt64(4), Currency.Of(reader.GetString(3)))));
        }

        return parts;
    }
}
