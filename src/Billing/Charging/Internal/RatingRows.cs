using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Positions and lines as rows.</summary>
internal static class RatingRows
{
    // A lateral probe per key, in key order: an index look-up each, locks in one order everywhere.
    private const string LockSql = """
        select wanted.place, p.rated_micros, p.line_count, p.version_ids, p.quantities
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[])
            with ordinality as wanted (org_id, billing_account_id, component_id, period_start, place)
        cross join lateral (
            select rated_micros, line_count, version_ids, quantities
            from charging.rating_positions
            where rating_positions.org_id = wanted.org_id
                and rating_positions.billing_account_id = wanted.billing_account_id
                and rating_positions.component_id = wanted.component_id
                and rating_positions.period_start = wanted.period_start
            for update
        ) p
        """;

    /// <summary>Locks the positions of some sorted keys; a key without one gets an empty position.</summary>
    public static async Task<Dictionary<RatingKey, RatingPosition>> Lock(
        NpgsqlTransaction transaction,
        RatingKey[] keys,
        PriceSnapshot prices,
        CancellationToken cancellationToken)
    {
        var positions = keys.ToDictionary(key => key, _ => new RatingPosition([], 0, 0));
        if (keys.Length == 0)
        {
            return positions;
        }

        await using var command = transaction.Sql(
            LockSql,
            Array.ConvertAll(keys, key => key.Org.Value),
            Array.ConvertAll(keys, key => key.BillingAccount.Value),
            Array.ConvertAll(keys, key => key.Component.Value),
            Array.ConvertAll(keys, key => key.PeriodStart));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var versions = reader.GetFieldValue<Guid[]>(3);
            var quantities = reader.GetFieldValue<decimal[]>(4);
            positions[keys[reader.GetInt64(0) - 1]] = new RatingPosition(
                versions.Zip(
                    quantities,
                    (version, quantity) => new PricedQuantity(prices.Version(new(version)), PriceCell.Whole, quantity)),
                reader.GetInt64(1),
                reader.GetInt64(2));
        }

        return positions;
    }

    // A position that another transaction opened meanwhile must not be overwritten: the guard on line_count makes the
    // row stay as it is, the count of rows tells, and the step starts over.
    private const string WritePositionSql = """
        insert into charging.rating_positions
            (org_id, billing_account_id, component_id, period_start, currency, rated_micros, line_count, version_ids, quantities)
        select $1, $2, $3, $4, $5, $6, $7, $8, $9
        on conflict (org_id, billing_account_id, component_id, period_start) do update
        set rated_micros = excluded.rated_micros,
            line_count = excluded.line_count,
            version_ids = excluded.version_ids,
            quantities = excluded.quantities
        where rating_positions.line_count = $10
        """;

    private const string WriteLinesSql = """
        insert into charging.rated_lines
            (org_id, line_id, billing_account_id, component_id, version_id, meter_id, dimensions, period_start, bucket_start,
            quantity, event_count, amount_micros, currency, position_quantity, position_micros, transfer_id, content_hash,
            fold_ids, rated_at)
        select org_id, line_id, billing_account_id, component_id, version_id, meter_id, dimensions, period_start, bucket_start,
            quantity, event_count, amount_micros, currency, position_quantity, position_micros, transfer_id, content_hash,
            string_to_array(fold_ids, ',')::uuid[], $19
        from unnest(
            $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::timestamptz[],
            $9::timestamptz[], $10::numeric[], $11::bigint[], $12::bigint[], $13::text[], $14::numeric[], $15::bigint[],
            $16::uuid[], $17::uuid[], $18::text[])
            as made (org_id, line_id, billing_account_id, component_id, version_id, meter_id, dimensions, period_start,
                bucket_start, quantity, event_count, amount_micros, currency, position_quantity, position_micros, transfer_id,
                content_hash, fold_ids)
        """;

    /// <summary>Writes what a run decided, in one round trip.</summary>
    public static async Task Write(
        NpgsqlTransaction transaction,
        IReadOnlyList<RatedLine> lines,
        IReadOnlyDictionary<RatingKey, RatingPosition> positions,
        IReadOnlyDictionary<BillingAccountKey, TransferId> transfers,
        CancellationToken cancellationToken)
    {
        if (lines.Count == 0)
        {
            return;
        }

        await using var batch = transaction.Batch();
        var linesByKey = lines.GroupBy(line => line.Key).ToArray();
        foreach (var group in linesByKey)
        {
            WritePosition(batch, group.Key, positions[group.Key], group.First().Amount.Currency, group.Count());
        }

        RatedLine[] posted = [.. lines.Select(line => line with { Transfer = TransferOf(line, transfers) })];
        WriteLines(batch, posted);
        var written = await batch.ExecuteNonQueryAsync(cancellationToken);
        if (written != linesByKey.Length + lines.Count)
        {
            throw new PositionMovedException();
        }
    }

    private static TransferId? TransferOf(RatedLine line, IReadOnlyDictionary<BillingAccountKey, TransferId> transfers) =>
        transfers.TryGetValue(new BillingAccountKey(line.Key.Org, line.Key.BillingAccount), out var transfer) ? transfer : null;

    private static void WritePosition(
        NpgsqlBatch batch, RatingKey key, RatingPosition position, Currency currency, int lineCount) => batch.Sql(
        WritePositionSql,
        key.Org.Value,
        key.BillingAccount.Value,
        key.Component.Value,
        key.PeriodStart,
        currency.Code,
        position.RatedMicros,
        position.LineCount,
        position.Quantities.Select(part => part.Version.Id.Value).ToArray(),
        position.Quantities.Select(part => part.Quantity).ToArray(),
        position.LineCount - lineCount);

    // Arrays of arrays must be rectangular in PostgreSQL; folds of lines are not, and go as text.
    private static void WriteLines(NpgsqlBatch batch, RatedLine[] lines) => batch.Sql(
        WriteLinesSql,
        Array.ConvertAll(lines, line => line.Key.Org.Value),
        Array.ConvertAll(lines, line => line.Id.Value),
        Array.ConvertAll(lines, line => line.Key.BillingAccount.Value),
        Array.ConvertAll(lines, line => line.Key.Component.Value),
        Array.ConvertAll(lines, line => line.Version.Value),
        Array.ConvertAll(lines, line => line.Meter.Value),
        Array.ConvertAll(lines, line => line.Dimensions.Text),
        Array.ConvertAll(lines, line => line.Key.PeriodStart),
        Array.ConvertAll(lines, line => line.BucketStart),
        Array.ConvertAll(lines, line => line.Quantity),
        Array.ConvertAll(lines, line => line.EventCount),
        Array.ConvertAll(lines, line => line.Amount.Micros),
        Array.ConvertAll(lines, line => line.Amount.Currency.Code),
        Array.ConvertAll(lines, line => line.PositionQuantity),
        Array.ConvertAll(lines, line => line.PositionMicros),
        Array.ConvertAll(lines, line => line.Transfer?.Value),
        Array.ConvertAll(lines, ContentHash),
        Array.ConvertAll(lines, line => string.Join(',', line.Folds)),
        lines[0].RatedAt);

    private static Guid ContentHash(RatedLine line)
    {
        var content = string.Create(
            CultureInfo.InvariantCulture,
            $"{line.Id}|{line.Key.Org}|{line.Key.BillingAccount}|{line.Version}|{line.Meter}|{line.Dimensions}|")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"{line.BucketStart.UtcTicks}|{line.Quantity}|{line.Amount.Micros}|{line.Amount.Currency}|{string.Join(',', line.Folds)}");
        return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 16), bigEndian: true);
    }
}
