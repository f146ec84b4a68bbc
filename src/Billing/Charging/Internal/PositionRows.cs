using System.Globalization;
using System.Text;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Positions as rows.</summary>
internal static class PositionRows
{
    // A lateral probe per key: an index look-up each. Nothing is locked: the revision tells when one is written.
    private const string ReadSql = """
        select wanted.place, p.version_ids, p.cells, p.discounts, p.quantities, p.rated_micros, p.cost_micros, p.is_closed, p.revision
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[])
            with ordinality as wanted (org_id, billing_account_id, component_id, period_start, group_values, place)
        cross join lateral (
            select version_ids, cells, discounts, quantities, rated_micros, cost_micros, is_closed, revision
            from charging.rating_positions
            where rating_positions.org_id = wanted.org_id
                and rating_positions.billing_account_id = wanted.billing_account_id
                and rating_positions.component_id = wanted.component_id
                and rating_positions.period_start = wanted.period_start
                and rating_positions.group_values = wanted.group_values
            limit 1
        ) p
        """;

    /// <summary>Reads the positions of some keys; a key without one is left out.</summary>
    public static async Task<Dictionary<RatingKey, RatingPosition>> Read(
        NpgsqlTransaction transaction, RatingKey[] keys, PriceSnapshot prices, CancellationToken cancellationToken)
    {
        var positions = new Dictionary<RatingKey, RatingPosition>(keys.Length);
        if (keys.Length == 0)
        {
            return positions;
        }

        await using var command = transaction.Sql(
            ReadSql,
            Array.ConvertAll(keys, key => key.Org.Value),
            Array.ConvertAll(keys, key => key.BillingAccount.Value),
            Array.ConvertAll(keys, key => key.Component.Value),
            Array.ConvertAll(keys, key => key.PeriodStart),
            Array.ConvertAll(keys, key => key.Group.Text));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            positions.Add(keys[reader.GetInt64(0) - 1], Position(reader, 1, prices));
        }

        return positions;
    }

    private const string OfPeriodSql = """
        select component_id, group_values, version_ids, cells, discounts, quantities, rated_micros, cost_micros, is_closed, revision
        from charging.rating_positions
        where org_id = $1
            and billing_account_id = $2
            and period_start = $3
        order by component_id, group_values
        """;

    /// <summary>All positions of an account's period, in the order they are written.</summary>
    public static async Task<Dictionary<RatingKey, RatingPosition>> OfPeriod(
        NpgsqlTransaction transaction,
        BillingAccountKey account,
        DateTimeOffset periodStart,
        PriceSnapshot prices,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            OfPeriodSql, account.Org.Value, account.Account.Value, periodStart.ToUniversalTime());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var positions = new Dictionary<RatingKey, RatingPosition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var key = new RatingKey(
                account.Org,
                account.Account,
                new PriceComponentId(reader.GetGuid(0)),
                periodStart,
                Dimensions.FromText(reader.GetString(1)));
            positions.Add(key, Position(reader, 2, prices));
        }

        return positions;
    }

    /// <summary>A position from eight columns in the order of <see cref="ReadSql"/>, the first at an ordinal.</summary>
    public static RatingPosition Position(NpgsqlDataReader reader, int at, PriceSnapshot prices)
    {
        var versions = reader.GetFieldValue<Guid[]>(at);
        var cells = reader.GetFieldValue<string[]>(at + 1);
        var discounts = reader.GetFieldValue<int[]>(at + 2);
        var quantities = reader.GetFieldValue<decimal[]>(at + 3);
        return new RatingPosition(
            versions.Select((version, index) => new PricedQuantity(
                prices.Version(new PriceVersionId(version)),
                cells.Length == 0 ? PriceCell.Whole : cells[index],
                quantities[index],
                discounts.Length == 0 ? 0 : discounts[index])),
            reader.GetInt64(at + 4),
            reader.GetInt64(at + 5),
            reader.GetBoolean(at + 6),
            reader.GetInt64(at + 7));
    }

    // A position that another transaction wrote meanwhile must not be overwritten: its revision is another, the row stays
    // as it is, the count of rows tells, and the step starts over. Arrays of arrays must be rectangular in PostgreSQL; the
    // parts of positions are not, and go as text.
    private const string WriteSql = """
        insert into charging.rating_positions as p
            (org_id, billing_account_id, component_id, period_start, group_values, currency, rated_micros, cost_micros,
            is_closed, version_ids, cells, discounts, quantities, revision, line_count)
        select org_id, billing_account_id, component_id, period_start, group_values, currency, rated_micros, cost_micros,
            is_closed, version_ids::uuid[], cells::text[], discounts::integer[], quantities::numeric[], revision, line_count
        from unnest(
            $1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
            $9::boolean[], $10::text[], $11::text[], $12::text[], $13::text[], $14::bigint[], $15::bigint[])
            as moved (org_id, billing_account_id, component_id, period_start, group_values, currency, rated_micros, cost_micros,
                is_closed, version_ids, cells, discounts, quantities, revision, line_count)
        on conflict (org_id, billing_account_id, component_id, period_start, group_values) do update
        set rated_micros = excluded.rated_micros,
            cost_micros = excluded.cost_micros,
            is_closed = excluded.is_closed,
            version_ids = excluded.version_ids,
            cells = excluded.cells,
            discounts = excluded.discounts,
            quantities = excluded.quantities,
            revision = excluded.revision,
            line_count = p.line_count + excluded.line_count
        where p.revision = excluded.revision - 1
        """;

    /// <summary>Writes positions that moved, each one revision further.</summary>
    /// <exception cref="PositionMovedException">Another transaction wrote one of them meanwhile.</exception>
    public static async Task Write(
        NpgsqlTransaction transaction, IReadOnlyList<MovedPosition> moved, CancellationToken cancellationToken)
    {
        if (moved.Count == 0)
        {
            return;
        }

        foreach (var one in moved)
        {
            one.Position.Revision++;
        }

        await using var command = transaction.Sql(
            WriteSql,
            Column(moved, one => one.Key.Org.Value),
            Column(moved, one => one.Key.BillingAccount.Value),
            Column(moved, one => one.Key.Component.Value),
            Column(moved, one => one.Key.PeriodStart),
            Column(moved, one => one.Key.Group.Text),
            Column(moved, one => one.Currency.Code),
            Column(moved, one => one.Position.RatedMicros),
            Column(moved, one => one.Position.CostMicros),
            Column(moved, one => one.Position.IsClosed),
            Column(moved, one => Literal(one.Position, part => part.Version.Id.Value.ToString())),
            Column(moved, one => Cells(one.Position)),
            Column(moved, one => Discounts(one.Position)),
            Column(moved, one => Literal(one.Position, part => part.Quantity.ToString(CultureInfo.InvariantCulture))),
            Column(moved, one => one.Position.Revision),
            Column(moved, one => (long)one.LineCount));
        if (await command.ExecuteNonQueryAsync(cancellationToken) != moved.Count)
        {
            throw new PositionMovedException();
        }
    }

    private static string Cells(RatingPosition position) => position.Parts.All(part => part.Cell == PriceCell.Whole)
        ? "{}"
        : Literal(position, part => Quoted(part.Cell));

    private static string Discounts(RatingPosition position) => position.Parts.All(part => part.DiscountBps == 0)
        ? "{}"
        : Literal(position, part => part.DiscountBps.ToString(CultureInfo.InvariantCulture));

    private static string Literal(RatingPosition position, Func<PricedQuantity, string> value)
    {
        var text = new StringBuilder("{");
        foreach (var part in position.Parts)
        {
            text.Append(text.Length > 1 ? "," : string.Empty).Append(value(part));
        }

        return text.Append('}').ToString();
    }

    // PostgreSQL manual, "Array Value Input": inside double quotes, a backslash goes before a quote and a backslash.
    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static TValue[] Column<TValue>(IReadOnlyList<MovedPosition> moved, Func<MovedPosition, TValue> value)
    {
        var column = new TValue[moved.Count];
        for (var index = 0; index < column.Length; index++)
        {
            column[index] = value(moved[index]);
        }

        return column;
    }
}

/// <summary>A position that lines moved.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Position">Where it stands now.</param>
/// <param name="Currency">Of its money.</param>
/// <param name="LineCount">By how many lines.</param>
internal readonly record struct MovedPosition(RatingKey Key, RatingPosition Position, Currency Currency, int LineCount);
