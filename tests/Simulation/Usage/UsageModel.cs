using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Quoin.Kernel;

namespace Quoin.Tests.Simulation.Usage;

/// <summary>An event as the model knows it.</summary>
internal sealed record ModelEvent(string Source, string Id, bool IsJob, DateTimeOffset Time, decimal Amount, string Who, string? Where)
{
    /// <summary>What decides between two at one instant: the bytes of a hash of source and id, compared as bytes.</summary>
    public string Rank
    {
        get
        {
            var source = Encoding.UTF8.GetBytes(Source);
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, source.Length);
            return Convert.ToHexString(SHA256.HashData([.. bytes, .. source, .. Encoding.UTF8.GetBytes(Id)]));
        }
    }

    /// <summary>The event as it is sent.</summary>
    public object Data => IsJob
        ? Where is null
            ? new { amount = Amount, user = Who }
            : new { amount = Amount, user = Who, place = new { region = Where } }
        : new { vm = Who, gpus = Amount, model = Where };
}

/// <summary>One bucket of one meter.</summary>
internal sealed record ModelBucket(string Meter, string Dimensions, DateTimeOffset Start);

/// <summary>What a bucket holds.</summary>
internal sealed record ModelUsage(decimal Quantity, long Events);

/// <summary>
/// Usage from all events at once, written from what the words mean: no order, no batches, no deltas, nothing remembered.
/// </summary>
internal static class UsageModel
{
    public static Dictionary<ModelBucket, ModelUsage> Of(IReadOnlyCollection<ModelEvent> events, DateTimeOffset now)
    {
        var buckets = new Dictionary<ModelBucket, ModelUsage>();
        foreach (var meter in new[] { "sum", "count", "max", "min", "last", "users", "rounded" })
        {
            var jobs = events.Where(one => one.IsJob).GroupBy(one => new ModelBucket(
                $"sim.{meter}", DimensionsOf(one, meter == "rounded").Text, QuarterHour.Of(one.Time)));
            foreach (var bucket in jobs)
            {
                buckets[bucket.Key] = new ModelUsage(Quantity(meter, [.. bucket]), bucket.Count());
            }
        }

        foreach (var series in events.Where(one => !one.IsJob).GroupBy(one => one.Who))
        {
            AddLevels(buckets, [.. series.OrderBy(one => one.Time).ThenBy(one => one.Rank, StringComparer.Ordinal)], now);
        }

        return buckets;
    }

    /// <summary>What a meter comes to over a range and some dimensions; null where nothing was used.</summary>
    public static decimal? Total(
        IReadOnlyCollection<ModelEvent> events, DateTimeOffset now, string meter, string? region, Period range)
    {
        if (meter is "sum" or "count" or "rounded" or "gpu_seconds")
        {
            var parts = Of(events, now)
                .Where(pair => pair.Key.Meter == $"sim.{meter}" && range.Contains(pair.Key.Start))
                .Where(pair => region is null || RegionOf(pair.Key) == region)
                .ToList();
            return parts.Count == 0 ? null : parts.Sum(pair => pair.Value.Quantity);
        }

        List<ModelEvent> jobs =
        [
            .. events.Where(one => one.IsJob && range.Contains(QuarterHour.Of(one.Time))
                && (region is null || (one.Where ?? "none") == region)),
        ];
        return jobs.Count == 0 ? null : Quantity(meter, jobs);
    }

    private static string? RegionOf(ModelBucket bucket) =>
        Dimensions.FromText(bucket.Dimensions).ToDictionary().GetValueOrDefault("region");

    private static decimal Quantity(string meter, List<ModelEvent> jobs) => meter switch
    {
        "sum" => jobs.Sum(one => one.Amount),
        "count" => jobs.Count,
        "max" => jobs.Max(one => one.Amount),
        "min" => jobs.Min(one => one.Amount),
        "last" => jobs.OrderBy(one => one.Time).ThenBy(one => one.Rank, StringComparer.Ordinal).Last().Amount,
        "users" => jobs.Select(one => one.Who).Distinct().Count(),
        _ => jobs.Sum(one => Math.Max(1m, Math.Ceiling(one.Amount * 1.5m / 4m / 0.5m) * 0.5m)),
    };

    private static Dimensions DimensionsOf(ModelEvent one, bool hasBands)
    {
        var pairs = new Dictionary<string, string> { ["region"] = one.Where ?? "none" };
        if (hasBands && one.Amount > 5)
        {
            pairs["band"] = "big";
        }

        return Dimensions.Of(pairs);
    }

    private static void AddLevels(Dictionary<ModelBucket, ModelUsage> buckets, List<ModelEvent> levels, DateTimeOffset now)
    {
        for (var index = 0; index < levels.Count; index++)
        {
            var level = levels[index];
            var end = index + 1 < levels.Count ? levels[index + 1].Time : QuarterHour.Of(now);
            if (level.Amount == 0 || end <= level.Time)
            {
                continue;
            }

            var events = 1;
            for (var from = level.Time; from < end; events = 0)
            {
                var bucket = QuarterHour.Of(from);
                var to = bucket.AddMinutes(15) < end ? bucket.AddMinutes(15) : end;
                var key = new ModelBucket("sim.gpu_seconds", Dimensions.Of("model", level.Where!).Text, bucket);
                var there = buckets.GetValueOrDefault(key) ?? new ModelUsage(0, 0);
                var seconds = (to - from).Ticks / 10_000_000m;
                buckets[key] = new ModelUsage(there.Quantity + (level.Amount * seconds), there.Events + events);
                from = to;
            }
        }
    }
}
