using Quoin.Kernel;
using Quoin.Metering;

namespace Quoin.Charging.Internal;

/// <summary>All that one transaction sees of an organisation's usage in a stretch of time.</summary>
internal sealed class Slice
{
    /// <summary>What the events come to: by bucket, by the fold that counted them.</summary>
    public Dictionary<UsageKey, Dictionary<Guid, DerivedSum>> Derived { get; } = [];

    public required IReadOnlyList<StoredBucket> Buckets { get; init; }

    /// <summary>What waits for rating, and what is set aside.</summary>
    public required IReadOnlyList<FoldedUsage> Unrated { get; init; }

    public required IReadOnlyList<RatedLine> Lines { get; init; }

    /// <summary>Meters whose quantities add up.</summary>
    public required IReadOnlySet<MeterId> Additive { get; init; }

    /// <summary>Meters that count each of their events once: levels count as long as they last.</summary>
    public required IReadOnlySet<MeterId> CountingEvents { get; init; }
}

/// <summary>A sum of what events add.</summary>
internal readonly record struct DerivedSum(ExactDecimal Quantity, long Events)
{
    public static DerivedSum operator +(DerivedSum left, DerivedSum right) =>
        new(left.Quantity + right.Quantity, left.Events + right.Events);
}

/// <summary>
/// Compares what events come to with the buckets, and each fold with where it should be: in exactly one line, or still
/// waiting, or set aside. Pure.
/// </summary>
internal static class SliceComparison
{
    public static IEnumerable<ReconciliationFault> Faults(Slice slice)
    {
        var keys = slice.Derived.Keys
            .Concat(slice.Buckets.Select(bucket => bucket.Key))
            .Concat(slice.Unrated.Select(KeyOf))
            .Concat(Usage(slice.Lines).Select(KeyOf))
            .ToHashSet();
        var buckets = slice.Buckets.ToDictionary(bucket => bucket.Key);
        var unrated = slice.Unrated.ToLookup(KeyOf);
        var lines = Usage(slice.Lines).ToLookup(KeyOf);
        foreach (var key in keys)
        {
            var derived = slice.Derived.GetValueOrDefault(key) ?? [];
            var compared = new Compared(slice.Additive.Contains(key.Meter), slice.CountingEvents.Contains(key.Meter));
            var faults = OfBucket(key, derived, buckets.TryGetValue(key, out var bucket) ? bucket : null, compared)
                .Concat(OfFolds(key, derived, unrated[key], lines[key], compared))
                .Concat(lines[key].SelectMany(line => OfLine(key, derived, line, compared)));
            foreach (var fault in faults)
            {
                yield return fault;
            }
        }
    }

    // Minimums are made of prices, not of events.
    private static IEnumerable<RatedLine> Usage(IReadOnlyList<RatedLine> lines) =>
        lines.Where(line => line.Kind == LineKind.Usage);

    public static UsageKey KeyOf(RatedLine line) =>
        new(line.Key.BillingAccount, line.Meter, line.Dimensions, line.BucketStart);

    private static UsageKey KeyOf(FoldedUsage usage) =>
        new(usage.BillingAccount, usage.Meter, usage.Dimensions, usage.BucketStart);

    private static IEnumerable<ReconciliationFault> OfBucket(
        UsageKey key, Dictionary<Guid, DerivedSum> derived, StoredBucket? stored, Compared compared)
    {
        var sum = derived.Values.Aggregate(default(DerivedSum), (left, right) => left + right);
        var isSame = stored is { } bucket
            ? compared.Same(sum, bucket.Quantity, bucket.EventCount)
            : sum == default;
        if (!isSame)
        {
            yield return new ReconciliationFault(
                ReconciliationKind.BucketMismatch,
                ReconciliationStage.Buckets,
                $"bucket {Text(key)}",
                Text(sum),
                stored is { } there ? $"{there.Quantity} from {there.EventCount} events" : "no bucket")
            { Usage = key };
        }
    }

    private static IEnumerable<ReconciliationFault> OfFolds(
        UsageKey key,
        Dictionary<Guid, DerivedSum> derived,
        IEnumerable<FoldedUsage> unrated,
        IEnumerable<RatedLine> lines,
        Compared compared)
    {
        var waiting = unrated.ToLookup(usage => usage.Fold);
        var rated = lines
            .SelectMany(line => line.Folds.Select(fold => (fold, line.Id)))
            .ToLookup(pair => pair.fold, pair => pair.Id);
        foreach (var (fold, sum) in derived)
        {
            var places = rated[fold].Select(line => line.ToString())
                .Concat(waiting[fold].Select(_ => "the queue or what is set aside"))
                .ToList();
            if (places.Count == 0)
            {
                yield return new ReconciliationFault(
                    ReconciliationKind.MissingRating,
                    ReconciliationStage.Usage,
                    $"fold {fold:n} {Text(key)}",
                    $"{Text(sum)} in a line, or waiting for one",
                    "neither")
                { Usage = key, Fold = fold };
            }
            else if (places.Count > 1)
            {
                yield return new ReconciliationFault(
                    ReconciliationKind.Duplicate,
                    ReconciliationStage.Usage,
                    $"fold {fold:n} {Text(key)}",
                    $"{Text(sum)} once",
                    string.Join(", ", places))
                { Usage = key, Fold = fold, Line = rated[fold].Order(ByValue).LastOrDefault() };
            }
        }

        foreach (var usage in waiting.SelectMany(group => group))
        {
            var sum = derived.GetValueOrDefault(usage.Fold);
            if (!compared.Same(sum, usage.Quantity, usage.EventCount))
            {
                yield return new ReconciliationFault(
                    derived.ContainsKey(usage.Fold) ? ReconciliationKind.AmountMismatch : ReconciliationKind.Orphan,
                    ReconciliationStage.Usage,
                    $"unrated {usage.Fold:n} {Text(key)}",
                    Text(sum),
                    $"{usage.Quantity} from {usage.EventCount} events")
                { Usage = key, Fold = usage.Fold };
            }
        }
    }

    private static IEnumerable<ReconciliationFault> OfLine(
        UsageKey key, Dictionary<Guid, DerivedSum> derived, RatedLine line, Compared compared)
    {
        var known = line.Folds.Where(derived.ContainsKey).ToList();
        if (known.Count < line.Folds.Count)
        {
            yield return new ReconciliationFault(
                ReconciliationKind.Orphan,
                ReconciliationStage.Usage,
                $"line {line.Id}",
                "events behind every fold it names",
                $"none behind {line.Folds.Count - known.Count} of {line.Folds.Count}")
            { Usage = key, Line = line.Id, Transfer = line.Transfer, BillingAccount = key.BillingAccount };
            yield break;
        }

        var sum = known.Aggregate(default(DerivedSum), (left, fold) => left + derived[fold]);
        if (!compared.Same(sum, line.Quantity, line.EventCount))
        {
            yield return new ReconciliationFault(
                ReconciliationKind.AmountMismatch,
                ReconciliationStage.Usage,
                $"line {line.Id}",
                Text(sum),
                $"{line.Quantity} from {line.EventCount} events")
            { Usage = key, Line = line.Id, Transfer = line.Transfer, BillingAccount = key.BillingAccount };
        }
    }

    /// <summary>What of a meter's usage can be told from its events alone.</summary>
    private readonly record struct Compared(bool Quantity, bool Events)
    {
        public bool Same(DerivedSum derived, decimal quantity, long events) =>
            (!Events || derived.Events == events) && (!Quantity || derived.Quantity == ExactDecimal.Of(quantity));
    }

    private static readonly Comparer<RatedLineId> ByValue =
        Comparer<RatedLineId>.Create((left, right) => left.Value.CompareTo(right.Value));

    private static string Text(DerivedSum sum) => $"{sum.Quantity} from {sum.Events} events";

    private static string Text(UsageKey key) =>
        $"{key.BillingAccount} {key.Meter} {key.Dimensions} {key.BucketStart.UtcDateTime:yyyy-MM-ddTHH:mm}Z";
}
