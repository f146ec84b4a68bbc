using System.Runtime.CompilerServices;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// Reads usage: sums, largest and smallest from buckets; last ones from observations; different values from what was
/// told apart. Each is exact over any windows of whole quarter hours, and each looks at one index.
/// </summary>
internal sealed class UsageQueries(NpgsqlDataSource database, MeterCatalogue meters, MinuteUsage minutes)
{
    // width_bucket tells the window by its start: local midnights need no arithmetic of the database's.
    private const string Grouped = """
        select width_bucket(bucket_start, $4::timestamptz[]) as place, meter_id,
            array(select dimensions::jsonb ->> name from unnest($5::text[]) as name) as names, {what}
        from metering.{table}
        where org_id = $1
            and bucket_start >= $2
            and bucket_start < $3
            and ($6::uuid is null or billing_account_id = $6)
            and meter_id = any($7)
            {filters}
        group by place, meter_id, names
        order by place, meter_id, names
        limit $8
        """;

    private static readonly Source[] Sources =
    [
        new(
            "usage_buckets",
            "sum(quantity), sum(event_count)::bigint",
            aggregation => aggregation is Aggregation.Sum or Aggregation.Count or Aggregation.TimeWeighted),
        new("observations", "max(quantity), count(*)", aggregation => aggregation is Aggregation.Max),
        new("observations", "min(quantity), count(*)", aggregation => aggregation is Aggregation.Min),
        new(
            "observations",
            "(array_agg(quantity order by bucket_start desc, rank desc, key_hash desc))[1], count(*)",
            aggregation => aggregation is Aggregation.Last),
        new(
            "distinct_values",
            "count(distinct value_hash)::numeric, sum(event_count)::bigint",
            aggregation => aggregation is Aggregation.UniqueCount),
    ];

    private const string ValuesSql = """
        select count(*)
        from (
            select 1
            from metering.distinct_values
            where org_id = $1
                and bucket_start >= $2
                and bucket_start < $3
                and ($4::uuid is null or billing_account_id = $4)
                and meter_id = any($5)
            limit $6
        ) told_apart
        """;

    /// <summary>The question without the meters of different values, where it tells too many apart.</summary>
    public async Task<UsageQuery> Bounded(OrgId org, UsageQuery query, CancellationToken cancellationToken)
    {
        var asked = Asked(query, await meters.Current(cancellationToken));
        var ofValues = asked.FindAll(meter => meter.Aggregation == Aggregation.UniqueCount);
        if (ofValues.Count == 0 || query.Window == UsageWindow.Minute)
        {
            return query;
        }

        await using var command = database.Sql(
            ValuesSql,
            org.Value,
            query.Range.Start,
            query.Range.End,
            query.BillingAccount?.Value,
            ofValues.ConvertAll(meter => meter.Id.Value),
            Limits.DistinctValuesPerAnswerMax + 1);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! <= Limits.DistinctValuesPerAnswerMax
            ? query
            : query with { Meters = [.. asked.Except(ofValues).Select(meter => meter.Id)] };
    }

    private static List<Meter> Asked(UsageQuery query, MeterSet known)
    {
        var wanted = query.Meters?.ToHashSet();
        return [.. known.All.Where(meter => wanted?.Contains(meter.Id) != false)];
    }

    /// <summary>All points, the earliest first, at most so many.</summary>
    public async Task<IReadOnlyList<UsagePoint>> Run(
        OrgId org, UsageQuery query, int limit, CancellationToken cancellationToken)
    {
        var points = new List<UsagePoint>();
        await foreach (var point in Stream(org, query, limit, cancellationToken))
        {
            points.Add(point);
        }

        return
        [
            .. points
                .OrderBy(point => point.WindowStart)
                .ThenBy(point => point.Meter, StringComparer.Ordinal)
                .ThenBy(point => point.Group.Text, StringComparer.Ordinal)
                .Take(limit),
        ];
    }

    /// <summary>All points as they are read, at most so many of each kind of meter.</summary>
    public async IAsyncEnumerable<UsagePoint> Stream(
        OrgId org, UsageQuery query, int limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var asked = Asked(query, await meters.Current(cancellationToken));
        if (query.Window == UsageWindow.Minute)
        {
            foreach (var point in await minutes.Read(org, query, asked, cancellationToken))
            {
                yield return point;
            }

            yield break;
        }

        var starts = query.Window.Starts(query.Range, query.Zone ?? TimeZoneInfo.Utc, Limits.UsageWindowsMax + 1);
        foreach (var source in Sources)
        {
            var sourceMeters = asked.FindAll(meter => source.Answers(meter.Aggregation));
            if (sourceMeters.Count == 0)
            {
                continue;
            }

            await foreach (var point in Read(source, org, query, starts, sourceMeters, limit, cancellationToken))
            {
                yield return point;
            }
        }
    }

    private async IAsyncEnumerable<UsagePoint> Read(
        Source source,
        OrgId org,
        UsageQuery query,
        IReadOnlyList<DateTimeOffset> starts,
        List<Meter> asked,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filters = FiltersOf(query);
        await using var command = database.Sql(
            source.Sql(filters.Sql),
            [
                org.Value,
                query.Range.Start,
                query.Range.End,
                starts.ToArray(),
                query.GroupBy.ToArray(),
                query.BillingAccount?.Value,
                asked.ConvertAll(meter => meter.Id.Value),
                limit,
                .. filters.Values,
            ]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = asked.ToDictionary(meter => meter.Id.Value, meter => meter.Key);
        while (await reader.ReadAsync(cancellationToken))
        {
            var names = reader.GetFieldValue<string?[]>(2);
            var count = reader.GetInt64(4);
            var quantity = reader.GetDecimal(3);
            if (quantity != 0 || count != 0)
            {
                yield return new UsagePoint(
                    starts[reader.GetInt32(0) - 1],
                    keys[reader.GetGuid(1)],
                    Dimensions.Of(query.GroupBy.Zip(names, (name, value) => KeyValuePair.Create(name, value ?? string.Empty))),
                    quantity,
                    count);
            }
        }
    }

    // One condition a name; its values are alternatives. Names and values stay parameters.
    private static (string Sql, List<object?> Values) FiltersOf(UsageQuery query)
    {
        const int parametersBefore = 8;
        var values = new List<object?>();
        var conditions = new List<string>();
        foreach (var group in (query.Filters ?? []).GroupBy(filter => filter.Name, StringComparer.Ordinal))
        {
            values.Add(group.Key);
            values.Add(group.Select(filter => filter.Value).ToArray());
            conditions.Add(
                $"and dimensions::jsonb ->> ${parametersBefore + values.Count - 1}::text = any(${parametersBefore + values.Count})");
        }

        return (string.Join('\n', conditions), values);
    }

    private sealed record Source(string Table, string What, Func<Aggregation, bool> Answers)
    {
        public string Sql(string filters) => Grouped
            .Replace("{what}", What, StringComparison.Ordinal)
            .Replace("{table}", Table, StringComparison.Ordinal)
            .Replace("{filters}", filters, StringComparison.Ordinal);
    }
}
