using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// Levels of resources that one transaction adds or takes back. A level lasts until the next one of its series, whatever
/// the order they arrive in: each change links its neighbours anew, under the series' lock. How much they come to is
/// accrued afterwards, in bounded steps; here it only becomes due.
/// </summary>
internal sealed class SeriesRows
{
    private readonly List<Level> added = [];
    private readonly List<Level> voided = [];

    /// <summary>Whether any level was added or taken back.</summary>
    public bool IsEmpty => added.Count + voided.Count == 0;

    /// <summary>Adds what an event says, or takes it back.</summary>
    public void Add(Fact fact, Measurement measured, int sign) =>
        (sign > 0 ? added : voided).Add(new Level(fact, measured, ToMillisecond(fact.OccurredAt)));

    private const string LockSql = """
        insert into metering.series (org_id, meter_id, resource, change_count)
        select *
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[])
        on conflict (org_id, meter_id, resource) do update
        set change_count = series.change_count + excluded.change_count
        """;

    private const string AddSql = """
        insert into metering.series_levels
            (org_id, meter_id, resource, occurred_at, key_hash, billing_account_id, dimensions, level, fold_id, ordinal, accrued_to)
        select org_id, meter_id, resource, occurred_at, key_hash, billing_account_id, dimensions, level, fold_id, ordinal,
            occurred_at
        from unnest(
            $1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::uuid[], $6::uuid[], $7::text[], $8::numeric[], $9::uuid[],
            $10::integer[])
            as added (org_id, meter_id, resource, occurred_at, key_hash, billing_account_id, dimensions, level, fold_id, ordinal)
        """;

    private const string VoidSql = """
        update metering.series_levels
        set is_void = true,
            ends_at = series_levels.occurred_at,
            due_at = case when accrued_to <> series_levels.occurred_at then series_levels.occurred_at end
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::uuid[])
            as voided (org_id, meter_id, resource, occurred_at, key_hash)
        where series_levels.org_id = voided.org_id
            and series_levels.meter_id = voided.meter_id
            and series_levels.resource = voided.resource
            and series_levels.occurred_at = voided.occurred_at
            and series_levels.key_hash = voided.key_hash
        """;

    // The changed level and the one before it. A level of zero adds nothing, so it is never due. One that lasts is due when
    // the quarter hour after what is accrued of it is full; one that ended otherwise than accrued is due at once.
    private const string LinkSql = """
        with changed as (
            select distinct near.org_id, near.meter_id, near.resource, near.occurred_at, near.key_hash
            from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::uuid[])
                as at (org_id, meter_id, resource, occurred_at, key_hash)
            cross join lateral (
                select l.org_id, l.meter_id, l.resource, l.occurred_at, l.key_hash
                from metering.series_levels l
                where l.org_id = at.org_id
                    and l.meter_id = at.meter_id
                    and l.resource = at.resource
                    and (l.occurred_at, l.key_hash) <= (at.occurred_at, at.key_hash)
                    and not l.is_void
                order by l.occurred_at desc, l.key_hash desc
                limit 2
            ) near
        )
        update metering.series_levels
        set ends_at = next.occurred_at,
            due_at = case
                when level = 0 then null
                when next.occurred_at is null
                    then date_bin('15 minutes', accrued_to, timestamptz '2000-01-01 00:00:00+00') + interval '15 minutes'
                when next.occurred_at <> accrued_to then series_levels.occurred_at
            end
        from changed
        left join lateral (
            select l.occurred_at
            from metering.series_levels l
            where l.org_id = changed.org_id
                and l.meter_id = changed.meter_id
                and l.resource = changed.resource
                and (l.occurred_at, l.key_hash) > (changed.occurred_at, changed.key_hash)
                and not l.is_void
            order by l.occurred_at, l.key_hash
            limit 1
        ) next on true
        where series_levels.org_id = changed.org_id
            and series_levels.meter_id = changed.meter_id
            and series_levels.resource = changed.resource
            and series_levels.occurred_at = changed.occurred_at
            and series_levels.key_hash = changed.key_hash
        """;

    /// <summary>Adds the statements that write it: locks first, in one order everywhere.</summary>
    public void Write(NpgsqlBatch batch)
    {
        if (IsEmpty)
        {
            return;
        }

        List<Level> changed = [.. added, .. voided];
        var series = changed
            .GroupBy(level => (level.Fact.Org, level.Measured.Meter.Id, Resource: level.Measured.Text!))
            .OrderBy(group => (group.Key.Org.Value, group.Key.Id.Value))
            .ThenBy(group => group.Key.Resource, StringComparer.Ordinal)
            .ToList();
        batch.Sql(
            LockSql,
            series.ConvertAll(group => group.Key.Org.Value),
            series.ConvertAll(group => group.Key.Id.Value),
            series.ConvertAll(group => group.Key.Resource),
            series.ConvertAll(group => group.LongCount()));
        if (added.Count > 0)
        {
            batch.Sql(
                AddSql,
                [
                    .. Keys(added),
                    added.ConvertAll(level => level.Fact.BillingAccount.Value),
                    added.ConvertAll(level => level.Measured.Dimensions.Text),
                    added.ConvertAll(level => level.Measured.Quantity),
                    added.ConvertAll(level => level.Fact.Event.Fold),
                    added.ConvertAll(level => level.Fact.Event.Ordinal),
                ]);
        }

        if (voided.Count > 0)
        {
            batch.Sql(VoidSql, Keys(voided));
        }

        batch.Sql(LinkSql, Keys(changed));
    }

    private static DateTimeOffset ToMillisecond(DateTimeOffset instant) =>
        new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);

    private static object[] Keys(List<Level> levels) =>
    [
        levels.ConvertAll(level => level.Fact.Org.Value),
        levels.ConvertAll(level => level.Measured.Meter.Id.Value),
        levels.ConvertAll(level => level.Measured.Text!),
        levels.ConvertAll(level => level.OccurredAt),
        levels.ConvertAll(level => level.Fact.KeyHash),
    ];

    private readonly record struct Level(Fact Fact, Measurement Measured, DateTimeOffset OccurredAt);
}
