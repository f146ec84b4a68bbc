using System.Runtime.InteropServices;
using System.Text;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// What gauged meters saw in one transaction. A bucket's value is looked up again after each change, never computed from
/// the one before: so it is the same in whatever order events come and go.
/// </summary>
internal sealed class GaugedRows
{
    private readonly List<Observation> seen = [];
    private readonly List<Observation> unseen = [];
    private readonly Dictionary<(Bucket Bucket, Guid Value), long> values = [];
    private readonly HashSet<Bucket> buckets = [];
    private readonly HashSet<Bucket> distinctBuckets = [];

    /// <summary>Adds what an event says, or takes it back.</summary>
    public void Add(Fact fact, Measurement measured, int sign)
    {
        var bucket = new Bucket(
            fact.Org, fact.BillingAccount, measured.Meter.Id, QuarterHour.Of(fact.OccurredAt), measured.Dimensions);
        if (measured.Meter.Aggregation == Aggregation.UniqueCount)
        {
            distinctBuckets.Add(bucket);
            var value = Measuring.Hash(Encoding.UTF8.GetBytes(measured.Text!));
            CollectionsMarshal.GetValueRefOrAddDefault(values, (bucket, value), out _) += sign;
            return;
        }

        buckets.Add(bucket);
        var rank = measured.Meter.Aggregation switch
        {
            Aggregation.Max => measured.Quantity,
            Aggregation.Min => -measured.Quantity,
            _ => fact.OccurredAt.UtcTicks / TimeSpan.TicksPerMicrosecond,
        };
        (sign > 0 ? seen : unseen).Add(new Observation(bucket, rank, fact.KeyHash, measured.Quantity));
    }

    private const string SeeSql = """
        insert into metering.observations
            (org_id, billing_account_id, meter_id, bucket_start, dimensions, rank, key_hash, quantity)
        select *
        from unnest(
            $1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[], $6::numeric[], $7::uuid[], $8::numeric[])
        """;

    private const string UnseeSql = """
        delete from metering.observations
        using unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[], $6::numeric[], $7::uuid[])
            as gone (org_id, billing_account_id, meter_id, bucket_start, dimensions, rank, key_hash)
        where observations.org_id = gone.org_id
            and observations.billing_account_id = gone.billing_account_id
            and observations.meter_id = gone.meter_id
            and observations.bucket_start = gone.bucket_start
            and observations.dimensions = gone.dimensions
            and observations.rank = gone.rank
            and observations.key_hash = gone.key_hash
        """;

    private const string DistinctSql = """
        insert into metering.distinct_values
            (org_id, billing_account_id, meter_id, bucket_start, dimensions, value_hash, event_count)
        select *
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[], $6::uuid[], $7::bigint[])
        on conflict (org_id, billing_account_id, meter_id, bucket_start, dimensions, value_hash) do update
        set event_count = distinct_values.event_count + excluded.event_count
        """;

    private const string ForgetSql = """
        delete from metering.distinct_values
        using unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[], $6::uuid[])
            as gone (org_id, billing_account_id, meter_id, bucket_start, dimensions, value_hash)
        where distinct_values.org_id = gone.org_id
            and distinct_values.billing_account_id = gone.billing_account_id
            and distinct_values.meter_id = gone.meter_id
            and distinct_values.bucket_start = gone.bucket_start
            and distinct_values.dimensions = gone.dimensions
            and distinct_values.value_hash = gone.value_hash
            and distinct_values.event_count = 0
        """;

    private const string TouchedSql = """
        update metering.usage_buckets
        set quantity = coalesce(found.quantity, 0)
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[])
            as touched (org_id, billing_account_id, meter_id, bucket_start, dimensions)
        cross join lateral (
            select ({0}) as quantity
        ) found
        where usage_buckets.org_id = touched.org_id
            and usage_buckets.billing_account_id = touched.billing_account_id
            and usage_buckets.meter_id = touched.meter_id
            and usage_buckets.dimensions = touched.dimensions
            and usage_buckets.bucket_start = touched.bucket_start
        """;

    private static readonly string HighestSql = Touched("""
        select quantity
        from metering.observations
        where observations.org_id = touched.org_id
            and observations.billing_account_id = touched.billing_account_id
            and observations.meter_id = touched.meter_id
            and observations.bucket_start = touched.bucket_start
            and observations.dimensions = touched.dimensions
        order by rank desc, key_hash desc
        limit 1
        """);

    private static readonly string CountSql = Touched("""
        select count(*)
        from metering.distinct_values
        where distinct_values.org_id = touched.org_id
            and distinct_values.billing_account_id = touched.billing_account_id
            and distinct_values.meter_id = touched.meter_id
            and distinct_values.bucket_start = touched.bucket_start
            and distinct_values.dimensions = touched.dimensions
        """);

    /// <summary>Adds the statements that write it; the buckets they touch are locked by an earlier one.</summary>
    public void Write(NpgsqlBatch batch)
    {
        if (seen.Count > 0)
        {
            batch.Sql(
                SeeSql,
                [
                    .. Columns(seen.ConvertAll(one => one.Bucket)),
                    seen.ConvertAll(one => one.Rank),
                    seen.ConvertAll(one => one.KeyHash),
                    seen.ConvertAll(one => one.Quantity),
                ]);
        }

        if (unseen.Count > 0)
        {
            batch.Sql(
                UnseeSql,
                [
                    .. Columns(unseen.ConvertAll(one => one.Bucket)),
                    unseen.ConvertAll(one => one.Rank),
                    unseen.ConvertAll(one => one.KeyHash),
                ]);
        }

        if (buckets.Count > 0)
        {
            batch.Sql(HighestSql, Columns([.. buckets]));
        }

        WriteDistinct(batch);
    }

    private void WriteDistinct(NpgsqlBatch batch)
    {
        if (distinctBuckets.Count == 0)
        {
            return;
        }

        List<KeyValuePair<(Bucket Bucket, Guid Value), long>> counts = [.. values];
        object[] keys =
        [
            .. Columns(counts.ConvertAll(pair => pair.Key.Bucket)),
            counts.ConvertAll(pair => pair.Key.Value),
        ];
        batch.Sql(DistinctSql, [.. keys, counts.ConvertAll(pair => pair.Value)]);
        if (counts.Exists(pair => pair.Value <= 0))
        {
            batch.Sql(ForgetSql, keys);
        }

        batch.Sql(CountSql, Columns([.. distinctBuckets]));
    }

    private static string Touched(string found) => TouchedSql.Replace("{0}", found, StringComparison.Ordinal);

    private static object[] Columns(List<Bucket> touched) =>
    [
        touched.ConvertAll(bucket => bucket.Org.Value),
        touched.ConvertAll(bucket => bucket.BillingAccount.Value),
        touched.ConvertAll(bucket => bucket.Meter.Value),
        touched.ConvertAll(bucket => bucket.Start),
        touched.ConvertAll(bucket => bucket.Dimensions.Text),
    ];

    private readonly record struct Bucket(
        OrgId Org, BillingAccountId BillingAccount, MeterId Meter, DateTimeOffset Start, Dimensions Dimensions);

    private readonly record struct Observation(Bucket Bucket, decimal Rank, Guid KeyHash, decimal Quantity);
}
