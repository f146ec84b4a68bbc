using Quoin.Kernel;

namespace Quoin.Metering.Internal;

/// <summary>A level as it stands: from when to when, and how much of it is in the buckets.</summary>
internal sealed record SeriesLevel(
    MeterId Meter,
    string Resource,
    DateTimeOffset OccurredAt,
    Guid KeyHash,
    BillingAccountId BillingAccount,
    Dimensions Dimensions,
    decimal Level,
    EventPosition Event,
    DateTimeOffset? EndsAt,
    DateTimeOffset AccruedTo)
{
    /// <summary>Up to when it shall be in the buckets: its end, or while it lasts the last full quarter hour.</summary>
    public DateTimeOffset TargetAt(DateTimeOffset now)
    {
        var full = QuarterHour.Of(now);
        return EndsAt ?? (full > AccruedTo ? full : AccruedTo);
    }
}

/// <summary>Splits what a level adds to usage, or gives back, into quarter hours. Pure.</summary>
internal static class LevelParts
{
    /// <summary>One quarter hour's part; the quantity is negative when it is given back.</summary>
    internal readonly record struct Part(DateTimeOffset BucketStart, decimal Quantity);

    /// <summary>
    /// The next instant on the way from one to another, either way: the border of a quarter hour, or the end of the way.
    /// </summary>
    public static DateTimeOffset Next(DateTimeOffset from, DateTimeOffset to)
    {
        var start = QuarterHour.Of(from);
        if (to >= from)
        {
            var border = start.AddTicks(QuarterHour.Ticks);
            return border < to ? border : to;
        }

        var before = start == from ? start.AddTicks(-QuarterHour.Ticks) : start;
        return before > to ? before : to;
    }

    /// <summary>What a level comes to from one instant to the next on the way; negative on the way back.</summary>
    public static Part Of(decimal level, DateTimeOffset from, DateTimeOffset to) =>
        new(QuarterHour.Of(from < to ? from : to), UnitSeconds(level, from, to));

    /// <summary>Level times seconds, exactly; negative when the end lies before the start.</summary>
    public static decimal UnitSeconds(decimal level, DateTimeOffset from, DateTimeOffset to) =>
        level * ((to - from).Ticks / (decimal)TimeSpan.TicksPerSecond);
}
