using System.Runtime.CompilerServices;
using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Reads rated lines.</summary>
internal sealed class LineQueries(NpgsqlDataSource database)
{
    private const string Columns = """
        line_id, billing_account_id, component_id, period_start, version_id, meter_id, dimensions, bucket_start, quantity,
        event_count, amount_micros, currency, position_quantity, position_micros, fold_ids, transfer_id, rated_at,
        kind, group_values, cell, source, assignment_id, discount_bps, price_hash, cost_micros, is_late, correlation_id
        """;

    private const string NewestSql = $"""
        select {Columns}
        from charging.rated_lines
        where org_id = $1
            and line_id < $2
            and ($3::uuid is null or billing_account_id = $3)
            and ($4::uuid is null or transfer_id = $4)
            and ($6::uuid is null or meter_id = $6)
            and ($7::text is null or dimensions::jsonb @> $7::jsonb)
            and ($8::timestamptz is null or bucket_start >= $8)
            and ($9::timestamptz is null or bucket_start < $9)
            and ($10::timestamptz is null or period_start = $10)
            and ($11::boolean is null or is_late = $11)
        order by line_id desc
        limit $5
        """;

    public Task<IReadOnlyList<RatedLine>> Newest(
        OrgId org,
        LineFilter filter,
        RatedLineId? before,
        int limit,
        CancellationToken cancellationToken) => Read(
        NewestSql,
        org,
        [
            before?.Value ?? Guid.AllBitsSet, filter.BillingAccount?.Value, filter.Transfer?.Value, limit,
            filter.Meter?.Value, MatchOf(filter.Match), filter.Used?.Start, filter.Used?.End, filter.PeriodStart, filter.IsLate,
        ],
        cancellationToken);

    /// <summary>What dimensions must hold, as JSON; null where anything will do.</summary>
    public static string? MatchOf(Dimensions match) => match == Dimensions.None ? null : match.Text;

    private const string OneSql = $"""
        select {Columns}
        from charging.rated_lines
        where org_id = $1
            and line_id = $2
        """;

    public async Task<RatedLine?> One(OrgId org, RatedLineId line, CancellationToken cancellationToken)
    {
        var found = await Read(OneSql, org, [line.Value], cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    private const string SpendSql = """
        select
            date_bin($4::interval, bucket_start, timestamptz '2000-01-01 00:00:00+00') as window_start,
            coalesce(dimensions::jsonb ->> $5, '') as value,
            currency,
            sum(amount_micros)::bigint
        from charging.rated_lines
        where org_id = $1
            and bucket_start >= $2
            and bucket_start < $3
        group by window_start, value, currency
        order by window_start, value, currency
        limit $6
        """;

    public async Task<IReadOnlyList<SpendPoint>> Spend(
        OrgId org,
        Period range,
        UsageWindow window,
        string? groupBy,
        CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            SpendSql,
            org.Value,
            range.Start,
            range.End,
            window.Width(),
            groupBy ?? string.Empty,
            Limits.SpendPointsMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var points = new List<SpendPoint>();
        while (await reader.ReadAsync(cancellationToken))
        {
            points.Add(new SpendPoint(
                reader.GetFieldValue<DateTimeOffset>(0),
                reader.GetString(1),
                new Money(reader.GetInt64(3), Currency.Of(reader.GetString(2)))));
        }

        return points;
    }

    private const string UsedInSql = $"""
        select {Columns}
        from charging.rated_lines
        where org_id = $1
            and bucket_start >= $2
            and bucket_start < $3
        """;

    /// <summary>The lines of usage in a range, in no order, as a transaction sees them.</summary>
    public async Task<IReadOnlyList<RatedLine>> UsedIn(
        NpgsqlTransaction transaction, OrgId org, Period range, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(UsedInSql, org.Value, range.Start, range.End);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<RatedLine>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(Line(reader, org));
        }

        return found;
    }

    private const string KeysUsedInSql = """
        select distinct billing_account_id, component_id, period_start, group_values
        from charging.rated_lines
        where org_id = $1
            and bucket_start >= $2
            and bucket_start < $3
        """;

    /// <summary>The rating keys with lines in a range.</summary>
    public async Task<IReadOnlySet<RatingKey>> KeysUsedIn(
        NpgsqlTransaction transaction, OrgId org, Period range, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(KeysUsedInSql, org.Value, range.Start, range.End);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new HashSet<RatingKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(new RatingKey(
                org,
                new BillingAccountId(reader.GetGuid(0)),
                new PriceComponentId(reader.GetGuid(1)),
                reader.GetFieldValue<DateTimeOffset>(2),
                Dimensions.FromText(reader.GetString(3))));
        }

        return keys;
    }

    private const string MadeFromSql = $"""
        select {Columns}
        from charging.rated_lines
        where org_id = $1
            and line_id >= $2
        order by line_id
        """;

    /// <summary>
    /// The lines made at or after an instant, in the order they were made; one after the other, however many there are.
    /// </summary>
    public async IAsyncEnumerable<RatedLine> MadeFrom(
        NpgsqlTransaction transaction,
        OrgId org,
        DateTimeOffset from,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(MadeFromSql, org.Value, IdSource.LowerBound(from));
        command.CommandTimeout = Limits.ReplaySecondsMax;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return Line(reader, org);
        }
    }

    private const string CountOfSql = """
        select count(*)
        from charging.rated_lines
        where org_id = $1
            and transfer_id = $2
        """;

    /// <summary>How many lines a transfer posted.</summary>
    public async Task<long> CountOf(OrgId org, TransferId transfer, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(CountOfSql, org.Value, transfer.Value);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<IReadOnlyList<RatedLine>> Read(
        string sql, OrgId org, object?[] values, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(sql, [org.Value, .. values]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lines = new List<RatedLine>();
        while (await reader.ReadAsync(cancellationToken))
        {
            lines.Add(Line(reader, org));
        }

        return lines;
    }

    private static RatedLine Line(NpgsqlDataReader reader, OrgId org)
    {
        var currency = Currency.Of(reader.GetString(11));
        var key = new RatingKey(
            org,
            new BillingAccountId(reader.GetGuid(1)),
            new PriceComponentId(reader.GetGuid(2)),
            reader.GetFieldValue<DateTimeOffset>(3),
            Dimensions.FromText(reader.GetString(18)));
        return new RatedLine(
            new RatedLineId(reader.GetGuid(0)),
            key,
            new PriceVersionId(reader.GetGuid(4)),
            new MeterId(reader.GetGuid(5)),
            Dimensions.FromText(reader.GetString(6)),
            reader.GetFieldValue<DateTimeOffset>(7),
            reader.GetDecimal(8),
            reader.GetInt64(9),
            new Money(reader.GetInt64(10), currency),
            reader.GetDecimal(12),
            reader.GetInt64(13),
            reader.GetFieldValue<Guid[]>(14),
            reader.IsDBNull(15) ? null : new TransferId(reader.GetGuid(15)),
            reader.GetFieldValue<DateTimeOffset>(16))
        {
            Kind = reader.GetString(17) == LineRows.Name(LineKind.Minimum) ? LineKind.Minimum : LineKind.Usage,
            Cell = reader.GetString(19),
            Source = LineRows.Source(reader.GetString(20)),
            Assignment = reader.IsDBNull(21) ? null : new AssignmentId(reader.GetGuid(21)),
            DiscountBps = reader.GetInt32(22),
            PriceHash = reader.IsDBNull(23) ? null : reader.GetString(23),
            Cost = new Money(reader.GetInt64(24), currency),
            IsLate = reader.GetBoolean(25),
            CorrelationId = reader.IsDBNull(26) ? null : reader.GetString(26),
        };
    }
}
