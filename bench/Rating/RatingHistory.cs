using System.Globalization;
using Npgsql;

namespace Quoin.Bench.Rating;

/// <summary>
/// A history of rated usage written straight into the tables: rows of the real shape and size, for the organisations of
/// the bench, in months gone by. Far quicker than living through it; what it cannot show is a table's wear.
/// </summary>
internal static class RatingHistory
{
    // Each line stands for one event and one fold; ten lines in a row make a position, and all positions of all
    // organisations and prices fill a month before the next one begins. Hashes of events are of no order, as real ones.
    private const string Sql = """
        set synchronous_commit = off;
        set work_mem = '256MB';

        create temporary table billed as
        select row_number() over (order by org_id) - 1 as place, org_id, billing_account_id
        from accounts.billing_accounts;

        create temporary table priced as
        select row_number() over (order by c.component_id) - 1 as place, c.component_id, v.version_id, c.dimensions, m.meter_id
        from pricing.price_components c
        join pricing.price_versions v on v.component_id = c.component_id
        join metering.meters m on m.key = c.meter;

        create temporary table past as
        select
            n, b.org_id, b.billing_account_id, p.component_id, p.version_id, p.dimensions, p.meter_id,
            ('018c' || substr(md5('l' || n), 1, 28))::uuid as line_id,
            ('018c' || substr(md5('f' || n), 1, 28))::uuid as fold_id,
            md5('k' || n)::uuid as key_hash,
            timestamptz '2015-01-01 00:00:00+00' + n / 10 / kinds.billed / kinds.priced * interval '1 month' as period_start
        from (select (select count(*) from billed) as billed, (select count(*) from priced) as priced) kinds
        cross join generate_series(0, $LINES$ - 1) as n
        join billed b on b.place = n / 10 % kinds.billed
        join priced p on p.place = n / 10 / kinds.billed % kinds.priced;

        insert into charging.rating_positions
            (org_id, billing_account_id, component_id, period_start, currency, rated_micros, line_count, version_ids, quantities)
        select distinct on (org_id, billing_account_id, component_id, period_start)
            org_id, billing_account_id, component_id, period_start, 'USD', 2500, 1, array[version_id], array[1000]
        from past;

        insert into charging.rated_lines
            (org_id, line_id, billing_account_id, component_id, version_id, meter_id, dimensions, period_start, bucket_start,
            quantity, event_count, amount_micros, currency, position_quantity, position_micros, fold_ids, transfer_id, rated_at,
            content_hash)
        select org_id, line_id, billing_account_id, component_id, version_id, meter_id, dimensions, period_start,
            period_start + n % 2000 * interval '15 minutes', 1000, 1, 2500, 'USD', 1000, 2500, array[fold_id], fold_id,
            period_start, line_id
        from past
        order by line_id;

        insert into metering.usage_buckets
            (org_id, billing_account_id, meter_id, dimensions, bucket_start, quantity, event_count)
        select org_id, billing_account_id, meter_id, dimensions, period_start + n % 2000 * interval '15 minutes', 1000, 1
        from past
        order by 1, 2, 3, 4, 5
        on conflict do nothing;

        insert into metering.event_keys (org_id, key_hash, body_hash, fold_id, ordinal)
        select org_id, key_hash, fold_id, fold_id, 0
        from past
        order by org_id, key_hash;

        insert into metering.events
            (org_id, fold_id, ordinal, billing_account_id, recorded_at, occurred_at, source, event_id, type, data)
        select org_id, fold_id, 0, billing_account_id, period_start, period_start, '/bench/gateway-1', line_id::text, 'llm.completion',
            '{"model":"model-00","input_tokens":1000,"output_tokens":100,"request_id":"req_7f3a9c1e5b2d","stream":true}'::jsonb
        from past
        order by org_id, fold_id;

        drop table past, priced, billed;
        """;

    public static async Task Grow(string database, long lines, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await using var command = source.CreateCommand(
            Sql.Replace("$LINES$", lines.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
        await using var analyze = source.CreateCommand(
            "vacuum analyze charging.rated_lines, charging.rating_positions, metering.usage_buckets, metering.event_keys, metering.events");
        analyze.CommandTimeout = 0;
        await analyze.ExecuteNonQueryAsync(cancellationToken);

        // What was written here must not be written to disk while others are measured.
        await using var settle = source.CreateCommand("checkpoint");
        settle.CommandTimeout = 0;
        await settle.ExecuteNonQueryAsync(cancellationToken);
    }
}
