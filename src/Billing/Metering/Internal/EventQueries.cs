using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>Reads stored events.</summary>
internal sealed class EventQueries(NpgsqlDataSource database, MeterCatalogue meters)
{
    private const string Columns = """
        fold_id, ordinal, billing_account_id, source, event_id, type, subject, occurred_at, recorded_at, data::text
        """;

    private const string NewestSql = $"""
        select {Columns}
        from metering.events
        where org_id = $1
            and (fold_id, ordinal) < ($2, $3)
        order by fold_id desc, ordinal desc
        limit $4
        """;

    public Task<IReadOnlyList<StoredEvent>> Newest(
        OrgId org,
        EventPosition? before,
        int limit,
        CancellationToken cancellationToken) => Read(
        NewestSql,
        [org.Value, before?.Fold ?? Guid.AllBitsSet, before?.Ordinal ?? int.MaxValue, limit],
        cancellationToken);

    private const string AtSql = $"""
        select {Columns}
        from metering.events
        where org_id = $1
            and fold_id = $2
            and ordinal = $3
        """;

    public async Task<StoredEvent?> At(OrgId org, EventPosition position, CancellationToken cancellationToken)
    {
        var found = await Read(AtSql, [org.Value, position.Fold, position.Ordinal], cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    private const string OfSql = $"""
        select {Columns}
        from metering.events
        where org_id = $1
            and fold_id = any($2)
            and billing_account_id = $3
            and type = any($4)
            and occurred_at >= $5
            and occurred_at < $6
            and (fold_id, ordinal) > ($7, $8)
        order by fold_id, ordinal
        limit $9
        """;

    /// <summary>
    /// What an event says to a meter is read from its data, by the meter's version of its time: paths, defaults and bands
    /// are not the database's to know. So pages of a fold are read until enough of them belong.
    /// </summary>
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
            var page = await Read(
                OfSql,
                [
                    org.Value,
                    which.Folds.ToArray(),
                    which.BillingAccount.Value,
                    meter.Versions.Select(version => version.Definition.EventType).Distinct().ToArray(),
                    which.BucketStart,
                    which.BucketStart.AddTicks(QuarterHour.Ticks),
                    after?.Fold ?? Guid.Empty,
                    after?.Ordinal ?? 0,
                    Limits.EventsReadAtOnce,
                ],
                cancellationToken);
            foreach (var stored in page)
            {
                if (meter.QuantityOf(stored) is { } quantity && meter.DimensionsOf(stored) == which.Dimensions)
                {
                    found.Add(new CountedEvent(stored.Position, stored, quantity, CountedAs.Sent));
                }
            }

            if (found.Count >= limit || page.Count < Limits.EventsReadAtOnce)
            {
                return found.Count > limit ? found[..limit] : found;
            }

            after = page[^1].Position;
        }
    }

    private async Task<IReadOnlyList<StoredEvent>> Read(
        string sql, object[] values, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<StoredEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            events.Add(new StoredEvent(
                new EventPosition(reader.GetGuid(0), reader.GetInt32(1)),
                new BillingAccountId(reader.GetGuid(2)),
                reader.GetString(3),
                reader.GetString(4),
                reader.GetString(5),
                reader.IsDBNull(6) ? null : reader.GetString(6),
                reader.GetFieldValue<DateTimeOffset>(7),
                reader.GetFieldValue<DateTimeOffset>(8),
                reader.GetString(9)));
        }

        return events;
    }
}
