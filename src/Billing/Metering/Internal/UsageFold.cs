using System.Runtime.InteropServices;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// What one transaction adds to usage: gathered in memory, then written in one batch. Buckets are locked first, in one
/// order everywhere; what gauged meters saw is written under their locks, and only then are their values looked up.
/// </summary>
internal sealed class UsageFold(DateTimeOffset recordedAt)
{
    private readonly Dictionary<FoldKey, Sum> sums = [];
    private readonly GaugedRows gauged = new();
    private readonly SeriesRows series = new();

    /// <summary>Whether levels changed, so that there is something to accrue once this is committed.</summary>
    public bool HasLevels => !series.IsEmpty;

    /// <summary>The folds whose events name holds.</summary>
    public HashSet<Guid> NamingHolds { get; } = [];

    /// <summary>Adds what an event says, or takes it back.</summary>
    public void Add(Fact fact, Measurement measured, int sign)
    {
        switch (measured.Meter.Aggregation)
        {
            case Aggregation.Sum or Aggregation.Count:
                Add(fact, measured.Meter.Id, measured.Dimensions, sign * measured.Quantity, sign);
                break;
            case Aggregation.TimeWeighted:
                series.Add(fact, measured, sign);
                break;
            default:
                Add(fact, measured.Meter.Id, measured.Dimensions, quantity: 0, sign);
                gauged.Add(fact, measured, sign);
                break;
        }
    }

    /// <summary>Adds a quantity and a number of events to a bucket of an additive meter.</summary>
    public void Add(Fact fact, MeterId meter, Dimensions dimensions, decimal quantity, long events)
    {
        var key = new FoldKey(fact.Org, fact.BillingAccount, meter, dimensions, QuarterHour.Of(fact.OccurredAt), fact.Fold);
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _);
        sum = new Sum(sum.Quantity + quantity, sum.Events + events);
    }

    private const string BucketsSql = """
        insert into metering.usage_buckets
            (org_id, billing_account_id, meter_id, dimensions, bucket_start, quantity, event_count)
        select *
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::numeric[], $7::bigint[])
        on conflict (org_id, billing_account_id, meter_id, dimensions, bucket_start) do update
        set quantity = usage_buckets.quantity + excluded.quantity,
            event_count = usage_buckets.event_count + excluded.event_count
        """;

    private const string UnratedSql = """
        insert into metering.unrated_folds
            (org_id, billing_account_id, meter_id, dimensions, bucket_start, quantity, event_count, fold_id, shard,
            names_holds, recorded_at)
        select *, $11
        from unnest(
            $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::numeric[], $7::bigint[], $8::uuid[], $9::smallint[],
            $10::boolean[])
            as folded (org_id, billing_account_id, meter_id, dimensions, bucket_start, quantity, event_count, fold_id, shard,
                names_holds)
        """;

    /// <summary>Adds the statements that write it to a batch.</summary>
    public void Write(NpgsqlBatch batch)
    {
        if (sums.Count > 0)
        {
            WriteBuckets(batch);
            gauged.Write(batch);
        }

        series.Write(batch);
    }

    private void WriteBuckets(NpgsqlBatch batch)
    {
        var folds = Sorted();
        batch.Sql(BucketsSql, Columns(Merged(folds)));
        batch.Sql(
            UnratedSql,
            [
                .. Columns(folds),
                Array.ConvertAll(folds, fold => fold.Key.Fold),
                Array.ConvertAll(folds, fold => (short)OrgShard.Of(fold.Key.Org, Limits.Shards)),
                Array.ConvertAll(folds, fold => NamingHolds.Contains(fold.Key.Fold)),
                recordedAt,
            ]);
    }

    private static object[] Columns(KeyValuePair<FoldKey, Sum>[] folds) =>
    [
        Array.ConvertAll(folds, fold => fold.Key.Org.Value),
        Array.ConvertAll(folds, fold => fold.Key.BillingAccount.Value),
        Array.ConvertAll(folds, fold => fold.Key.Meter.Value),
        Array.ConvertAll(folds, fold => fold.Key.Dimensions.Text),
        Array.ConvertAll(folds, fold => fold.Key.Bucket),
        Array.ConvertAll(folds, fold => fold.Value.Quantity),
        Array.ConvertAll(folds, fold => fold.Value.Events),
    ];

    // A correction folds twice, and both may meet in one bucket, which a statement touches once. They stand side by side.
    private static KeyValuePair<FoldKey, Sum>[] Merged(KeyValuePair<FoldKey, Sum>[] folds)
    {
        var merged = new List<KeyValuePair<FoldKey, Sum>>(folds.Length);
        foreach (var fold in folds)
        {
            if (merged.Count > 0 && merged[^1].Key with { Fold = fold.Key.Fold } == fold.Key)
            {
                var sum = merged[^1].Value;
                merged[^1] = new(fold.Key, new Sum(sum.Quantity + fold.Value.Quantity, sum.Events + fold.Value.Events));
            }
            else
            {
                merged.Add(fold);
            }
        }

        return merged.Count == folds.Length ? folds : [.. merged];
    }

    // Sorted as the bucket's primary key is: rows are locked in one order by every flush of every replica.
    private KeyValuePair<FoldKey, Sum>[] Sorted() =>
    [
        .. sums
            .OrderBy(pair => (pair.Key.Org.Value, pair.Key.BillingAccount.Value, pair.Key.Meter.Value))
            .ThenBy(pair => pair.Key.Dimensions.Text, StringComparer.Ordinal)
            .ThenBy(pair => pair.Key.Bucket),
    ];

    private readonly record struct Sum(decimal Quantity, long Events);

    /// <summary>What one fold adds to one bucket. Hashed by what differs within a flush, not by all of it.</summary>
    private readonly record struct FoldKey(
        OrgId Org,
        BillingAccountId BillingAccount,
        MeterId Meter,
        Dimensions Dimensions,
        DateTimeOffset Bucket,
        Guid Fold)
    {
        public override int GetHashCode() => HashCode.Combine(Fold, Meter, Bucket.UtcTicks, Dimensions.Text.Length);
    }
}

/// <summary>Whose usage is folded, when it happened and by which fold.</summary>
/// <param name="Org">Whose.</param>
/// <param name="BillingAccount">Billed to.</param>
/// <param name="OccurredAt">When it happened.</param>
/// <param name="KeyHash">The hash of the event's source and id.</param>
/// <param name="Event">Where the event lies.</param>
/// <param name="Fold">The fold that counts it: its own, or that of an amendment or accrual.</param>
internal readonly record struct Fact(
    OrgId Org,
    BillingAccountId BillingAccount,
    DateTimeOffset OccurredAt,
    Guid KeyHash,
    EventPosition Event,
    Guid Fold);
