using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>Asked for minutes that took more events to tell than are read for one answer.</summary>
internal sealed class TooManyEventsException : Exception;

/// <summary>
/// Usage by the minute, from the events themselves: buckets know no less than a quarter hour. Events that were taken back
/// do not count, their replacements do. Levels count as long as they lasted, up to what is accrued.
/// </summary>
internal sealed class MinuteUsage(NpgsqlDataSource database, OrganisationClock clock, TimeProvider time)
{
    private const string EventsSql = $"""
        select {EventRows.Columns}
        from (
            select *
            from metering.events
            where org_id = $1
                and fold_id >= $2
            order by fold_id, ordinal
            limit $3
        ) e
        {EventRows.Amended}
        where am.kind is null
            and e.occurred_at >= $4
            and e.occurred_at < $5
            and ($6::uuid is null or e.billing_account_id = $6)
            and e.type = any($7)
        """;

    private const string CountSql = """
        select count(*)
        from (
            select 1
            from metering.events
            where org_id = $1
                and fold_id >= $2
            limit $3
        ) e
        """;

    private const string LevelsSql = """
        select meter_id, dimensions, level, occurred_at, accrued_to
        from metering.series_levels
        where org_id = $1
            and meter_id = any($2)
            and occurred_at < $4
            and accrued_to > $3
            and ($5::uuid is null or billing_account_id = $5)
        """;

    /// <summary>All points, in no order.</summary>
    /// <exception cref="TooManyEventsException">More events lie after the range's start than are read for one answer.</exception>
    public async Task<IReadOnlyList<UsagePoint>> Read(
        OrgId org, UsageQuery query, List<Meter> asked, CancellationToken cancellationToken)
    {
        var sums = new MinuteSums(query);
        var types = asked
            .SelectMany(meter => meter.Versions.Select(version => version.Definition.EventType))
            .Distinct()
            .ToArray();
        var from = await RecordedFrom(org, query.Range.Start, cancellationToken);
        await RequireFew(org, from, cancellationToken);
        await using (var command = database.Sql(
            EventsSql,
            org.Value,
            from,
            Limits.EventsPerMinuteAnswerMax,
            query.Range.Start,
            query.Range.End,
            query.BillingAccount?.Value,
            types))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var stored = EventRows.Read(reader);
                foreach (var meter in asked.Where(meter => meter.Aggregation != Aggregation.TimeWeighted))
                {
                    sums.Add(meter, stored);
                }
            }
        }

        await AddLevels(org, query, asked, sums, cancellationToken);
        return sums.Points();
    }

    // An event is recorded at most so long before it happened, by the organisation's clock; where that one was moved, it
    // says nothing about when events were recorded.
    private async Task<Guid> RecordedFrom(OrgId org, DateTimeOffset start, CancellationToken cancellationToken)
    {
        var isLive = (await clock.Now(org, cancellationToken) - time.GetUtcNow()).Duration() < TimeSpan.FromMinutes(1);
        return isLive ? IdSource.LowerBound(start - Limits.FutureTolerance) : Guid.Empty;
    }

    private async Task RequireFew(OrgId org, Guid from, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(CountSql, org.Value, from, Limits.EventsPerMinuteAnswerMax + 1);
        if ((long)(await command.ExecuteScalarAsync(cancellationToken))! > Limits.EventsPerMinuteAnswerMax)
        {
            throw new TooManyEventsException();
        }
    }

    private async Task AddLevels(
        OrgId org, UsageQuery query, List<Meter> asked, MinuteSums sums, CancellationToken cancellationToken)
    {
        var weighted = asked.FindAll(meter => meter.Aggregation == Aggregation.TimeWeighted);
        if (weighted.Count == 0)
        {
            return;
        }

        await using var command = database.Sql(
            LevelsSql,
            org.Value,
            weighted.ConvertAll(meter => meter.Id.Value),
            query.Range.Start,
            query.Range.End,
            query.BillingAccount?.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = new MeterId(reader.GetGuid(0));
            sums.Add(
                weighted.Find(meter => meter.Id == id)!,
                Dimensions.FromText(reader.GetString(1)),
                reader.GetDecimal(2),
                new Period(reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<DateTimeOffset>(4)));
        }
    }
}
