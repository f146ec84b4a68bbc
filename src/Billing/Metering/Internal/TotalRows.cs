using Npgsql;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>What meters come to over ranges of quarter hours, exactly, inside a caller's transaction.</summary>
internal static class TotalRows
{
    private const string WantedSql = """
        select wanted.place, found.total
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[])
            with ordinality as wanted (org_id, billing_account_id, meter_id, match, from_at, to_at, place)
        cross join lateral (
            {0}
        ) found
        where found.total is not null
        """;

    private const string InRange = """
        where {0}.org_id = wanted.org_id
            and {0}.billing_account_id = wanted.billing_account_id
            and {0}.meter_id = wanted.meter_id
            and {0}.bucket_start >= wanted.from_at
            and {0}.bucket_start < wanted.to_at
            and (wanted.match = '{}' or {0}.dimensions::jsonb @> wanted.match::jsonb)
        """;

    private static readonly string SumSql = Wanted(
        "select sum(quantity) as total from metering.usage_buckets", "usage_buckets");

    private static readonly string MaxSql = Wanted(
        "select max(quantity) as total from metering.observations", "observations");

    private static readonly string MinSql = Wanted(
        "select min(quantity) as total from metering.observations", "observations");

    private static readonly string LastSql = Wanted(
        "select quantity as total from metering.observations",
        "observations",
        "order by bucket_start desc, rank desc, key_hash desc limit 1");

    private static readonly string CountSql = Wanted(
        "select nullif(count(distinct value_hash), 0)::numeric as total from metering.distinct_values", "distinct_values");

    /// <summary>The total of each question; null where nothing was used.</summary>
    public static async Task<IReadOnlyList<decimal?>> Read(
        NpgsqlTransaction transaction,
        IReadOnlyList<TotalQuery> queries,
        MeterSet meters,
        CancellationToken cancellationToken)
    {
        var totals = new decimal?[queries.Count];
        foreach (var group in queries.Index().GroupBy(pair => SqlOf(meters.Meter(pair.Item.Meter).Aggregation)))
        {
            var wanted = group.ToList();
            await using var command = transaction.Sql(
                group.Key,
                wanted.ConvertAll(pair => pair.Item.Org.Value),
                wanted.ConvertAll(pair => pair.Item.BillingAccount.Value),
                wanted.ConvertAll(pair => pair.Item.Meter.Value),
                wanted.ConvertAll(pair => pair.Item.Match.Text),
                wanted.ConvertAll(pair => pair.Item.Range.Start),
                wanted.ConvertAll(pair => pair.Item.Range.End));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                totals[wanted[(int)reader.GetInt64(0) - 1].Index] = reader.GetDecimal(1);
            }
        }

        return totals;
    }

    private static string SqlOf(Aggregation aggregation) => aggregation switch
    {
        Aggregation.Max => MaxSql,
        Aggregation.Min => MinSql,
        Aggregation.Last => LastSql,
        Aggregation.UniqueCount => CountSql,
        _ => SumSql,
    };

    private static string Wanted(string select, string table, string end = "")
    {
        var range = InRange.Replace("{0}", table, StringComparison.Ordinal);
        return WantedSql.Replace("{0}", $"{select}\n{range}\n{end}", StringComparison.Ordinal);
    }
}
