using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>One step of accrual, decided in memory: what each level adds to which quarter hours, up to a number of them.</summary>
internal sealed class AccrualRun(OrgId org, Guid fold, DateTimeOffset recordedAt)
{
    private readonly UsageFold folded = new(recordedAt);
    private readonly List<(SeriesLevel Level, DateTimeOffset To, DateTimeOffset? DueAt)> accrued = [];
    private int parts;

    /// <summary>Accrues a level as far as this step may, towards where it shall be.</summary>
    public void Accrue(SeriesLevel level, DateTimeOffset now)
    {
        if (parts >= Limits.PartsPerStepMax)
        {
            return;
        }

        var target = level.TargetAt(now);
        var at = level.AccruedTo;
        while (at != target && parts < Limits.PartsPerStepMax)
        {
            var next = LevelParts.Next(at, target);
            var part = LevelParts.Of(level.Level, at, next);
            Fold(level, part.BucketStart, part.Quantity, 0);
            (at, parts) = (next, parts + 1);
        }

        CountEvent(level, at);
        var isThere = at == target;
        DateTimeOffset? due = isThere
            ? level.EndsAt is null ? QuarterHour.Of(at).AddTicks(QuarterHour.Ticks) : null
            : level.OccurredAt;
        accrued.Add((level, at, due));
    }

    private const string AccruedSql = """
        update metering.series_levels
        set accrued_to = accrued.to_at,
            due_at = accrued.due_at
        from unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::uuid[], $6::timestamptz[], $7::timestamptz[])
            as accrued (meter_id, resource, occurred_at, key_hash, to_at, due_at)
        where series_levels.org_id = $1
            and series_levels.meter_id = accrued.meter_id
            and series_levels.resource = accrued.resource
            and series_levels.occurred_at = accrued.occurred_at
            and series_levels.key_hash = accrued.key_hash
        """;

    private const string PartsSql = """
        insert into metering.accruals
            (org_id, fold_id, ordinal, meter_id, level_fold_id, level_ordinal, level, from_at, to_at)
        select $1, $2, ordinal, meter_id, level_fold_id, level_ordinal, level, from_at, to_at
        from unnest(
            $3::integer[], $4::uuid[], $5::uuid[], $6::integer[], $7::numeric[], $8::timestamptz[], $9::timestamptz[])
            as accrued (ordinal, meter_id, level_fold_id, level_ordinal, level, from_at, to_at)
        """;

    /// <summary>Adds the statements that write it; the series are locked.</summary>
    public void Write(NpgsqlBatch batch)
    {
        batch.Sql(
            AccruedSql,
            org.Value,
            accrued.ConvertAll(one => one.Level.Meter.Value),
            accrued.ConvertAll(one => one.Level.Resource),
            accrued.ConvertAll(one => one.Level.OccurredAt),
            accrued.ConvertAll(one => one.Level.KeyHash),
            accrued.ConvertAll(one => one.To),
            accrued.ConvertAll(one => one.DueAt));
        var moved = accrued.FindAll(one => one.To != one.Level.AccruedTo);
        if (moved.Count > 0)
        {
            batch.Sql(
                PartsSql,
                org.Value,
                fold,
                Enumerable.Range(0, moved.Count).ToArray(),
                moved.ConvertAll(one => one.Level.Meter.Value),
                moved.ConvertAll(one => one.Level.Event.Fold),
                moved.ConvertAll(one => one.Level.Event.Ordinal),
                moved.ConvertAll(one => one.Level.Level),
                moved.ConvertAll(one => one.Level.AccruedTo),
                moved.ConvertAll(one => one.To));
        }

        folded.Write(batch);
    }

    // An event counts once, in the quarter hour its level began in, while any of it is in the buckets.
    private void CountEvent(SeriesLevel level, DateTimeOffset to)
    {
        var (was, isNow) = (level.AccruedTo > level.OccurredAt, to > level.OccurredAt);
        if (was != isNow)
        {
            Fold(level, level.OccurredAt, 0, isNow ? 1 : -1);
        }
    }

    private void Fold(SeriesLevel level, DateTimeOffset at, decimal quantity, long events) => folded.Add(
        new Fact(org, level.BillingAccount, at, level.KeyHash, level.Event, fold),
        level.Meter,
        level.Dimensions,
        quantity,
        events);
}
