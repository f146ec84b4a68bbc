using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// Finds the events behind a piece of usage: those sent, those whose levels were accrued, those taken back. What an event
/// says to a meter is read from its data by the meter's version of its time; paths, defaults and bands are not the
/// database's to know. So pages of folds are read until enough of them belong.
/// </summary>
internal sealed class CountedEvents(NpgsqlDataSource database, MeterCatalogue meters)
{
    private const string SentSql = $"""
        select {EventRows.Columns}, counted.place_fold, counted.place_ordinal, counted.is_void
        from (
            select fold_id as place_fold, ordinal as place_ordinal, fold_id, ordinal, false as is_void
            from metering.events
            where org_id = $1
                and fold_id = any($2)
            union all
            select fold_id, 0, event_fold_id, event_ordinal, true
            from metering.amendments
            where org_id = $1
                and fold_id = any($2)
        ) counted
        join metering.events e
            on e.org_id = $1 and e.fold_id = counted.fold_id and e.ordinal = counted.ordinal
        {EventRows.Amended}
        where e.billing_account_id = $3
            and e.type = any($4)
            and e.occurred_at >= $5
            and e.occurred_at < $6
            and (place_fold, place_ordinal) > ($7, $8)
        order by place_fold, place_ordinal
        limit $9
        """;

    private const string AccruedSql = $"""
        select {EventRows.Columns}, a.fold_id, a.ordinal, a.level, a.from_at, a.to_at
        from metering.accruals a
        join metering.events e
            on e.org_id = a.org_id and e.fold_id = a.level_fold_id and e.ordinal = a.level_ordinal
        {EventRows.Amended}
        where a.org_id = $1
            and a.fold_id = any($2)
            and e.billing_account_id = $3
            and e.type = any($4)
            and least(a.from_at, a.to_at) < $6
            and greatest(a.from_at, a.to_at) > $5
            and (a.fold_id, a.ordinal) > ($7, $8)
            and a.meter_id = $10
        order by a.fold_id, a.ordinal
        limit $9
        """;

    public async Task<IReadOnlyList<CountedEvent>> Of(
        OrgId org,
        FoldedEvents which,
        EventPosition? after,
        int limit,
        CancellationToken cancellationToken)
    {
        var meter = (await meters.Current(cancellationToken)).Meter(which.Meter);
        var found = new List<CountedEvent>();
        while (true)
        {
            var page = await Page(org, which, meter, after, cancellationToken);
            found.AddRange(page.Where(counted => meter.DimensionsOf(counted.Stored) == which.Dimensions));
            if (found.Count >= limit || page.Count < Limits.EventsReadAtOnce)
            {
                return found.Count > limit ? found[..limit] : found;
            }

            after = page[^1].Place;
        }
    }

    private async Task<List<CountedEvent>> Page(
        OrgId org, FoldedEvents which, Meter meter, EventPosition? after, CancellationToken cancellationToken)
    {
        var isAccrued = meter.Aggregation == Aggregation.TimeWeighted;
        var bucket = new Period(which.BucketStart, which.BucketStart.AddTicks(QuarterHour.Ticks));
        object[] values =
        [
            org.Value,
            which.Folds.ToArray(),
            which.BillingAccount.Value,
            meter.Versions.Select(version => version.Definition.EventType).Distinct().ToArray(),
            bucket.Start,
            bucket.End,
            after?.Fold ?? Guid.Empty,
            after?.Ordinal ?? -1,
            Limits.EventsReadAtOnce,
        ];
        await using var command = isAccrued
            ? database.Sql(AccruedSql, [.. values, meter.Id.Value])
            : database.Sql(SentSql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var page = new List<CountedEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var stored = EventRows.Read(reader);
            var place = new EventPosition(
                reader.GetGuid(EventRows.ColumnCount), reader.GetInt32(EventRows.ColumnCount + 1));
            page.Add(isAccrued
                ? new CountedEvent(place, stored, Accrued(reader, bucket), CountedAs.Accrued)
                : Counted(place, stored, meter, isVoid: reader.GetBoolean(EventRows.ColumnCount + 2)));
        }

        return page;
    }

    private static CountedEvent Counted(EventPosition place, StoredEvent stored, Meter meter, bool isVoid)
    {
        var quantity = meter.QuantityOf(stored) ?? 0;
        return new CountedEvent(
            place, stored, isVoid ? -quantity : quantity, isVoid ? CountedAs.Voided : CountedAs.Sent);
    }

    // Of the part that was accrued, what lies in the bucket.
    private static decimal Accrued(NpgsqlDataReader reader, Period bucket)
    {
        const int first = EventRows.ColumnCount + 2;
        var from = Inside(reader.GetFieldValue<DateTimeOffset>(first + 1), bucket);
        var to = Inside(reader.GetFieldValue<DateTimeOffset>(first + 2), bucket);
        return LevelParts.UnitSeconds(reader.GetDecimal(first), from, to);
    }

    private static DateTimeOffset Inside(DateTimeOffset instant, Period bucket) =>
        instant < bucket.Start ? bucket.Start : instant > bucket.End ? bucket.End : instant;
}
