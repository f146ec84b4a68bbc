using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// Searches stored events, newest first. Events lie in the order they were recorded and in no other, for any further index
/// would cost every event; so a search reads a bounded stretch of them, and a page may be short and yet not the last.
/// Source and id together name one event and are looked up.
/// </summary>
internal sealed class SearchEvents(NpgsqlDataSource database, MeterCatalogue meters)
{
    private const string StretchSql = $"""
        with stretch as (
            select *, row_number() over (order by fold_id desc, ordinal desc) as place
            from metering.events
            where org_id = $1
                and (fold_id, ordinal) < ($2, $3)
            order by fold_id desc, ordinal desc
            limit $4
        )
        select {EventRows.Columns}, e.is_match
        from (
            select *,
                ($5::text[] is null or type = any($5))
                and ($6::text is null or source = $6)
                and ($7::text is null or subject = $7)
                and ($8::timestamptz is null or occurred_at >= $8)
                and ($9::timestamptz is null or occurred_at < $9)
                and ($10::uuid is null or billing_account_id = $10)
                and ($11::text is null or event_id = $11) as is_match
            from stretch
        ) e
        {EventRows.Amended}
        where e.is_match or e.place = $4
        order by e.fold_id desc, e.ordinal desc
        """;

    private const string NamedSql = $"""
        select {EventRows.Columns}
        from metering.event_keys k
        join metering.events e
            on e.org_id = k.org_id and e.fold_id = k.fold_id and e.ordinal = k.ordinal
        {EventRows.Amended}
        where k.org_id = $1
            and k.key_hash = $2
        """;

    /// <summary>Finds the events of one page.</summary>
    /// <returns>The events, and where to go on; null when nothing is left.</returns>
    public async Task<(IReadOnlyList<StoredEvent> Events, EventPosition? Next)> Page(
        OrgId org, EventSearch search, EventPosition? before, int rows, CancellationToken cancellationToken)
    {
        if (search is { Source: { } source, Id: { } id })
        {
            var named = await Named(org, source, id, cancellationToken);
            return (named is not null && search.Matches(named) ? [named] : [], null);
        }

        var types = Types(search, (await meters.Current(cancellationToken)).All);
        var found = new List<StoredEvent>();
        var scanned = 0;
        while (scanned < Limits.EventsSearchedMax)
        {
            var (matching, last) = await Stretch(org, search, types, before, cancellationToken);
            foreach (var stored in matching)
            {
                if (search.Matches(stored))
                {
                    found.Add(stored);
                }

                // One too many tells that there is a next page.
                if (found.Count > rows)
                {
                    return (found[..rows], found[rows - 1].Position);
                }
            }

            if (last is null)
            {
                return (found, null);
            }

            (before, scanned) = (last, scanned + Limits.EventsReadAtOnce);
        }

        return (found, before);
    }

    // Only those can match that a wanted meter reads.
    private static string[]? Types(EventSearch search, IReadOnlyCollection<Meter> known) => search switch
    {
        { Type: { } type } => [type],
        { Meter: { } meter } =>
            [.. meter.Versions.Select(version => version.Definition.EventType).Distinct(StringComparer.Ordinal)],
        { Filters.Count: > 0 } =>
        [
            .. known
                .SelectMany(meter => meter.Versions.Select(version => version.Definition.EventType))
                .Distinct(StringComparer.Ordinal),
        ],
        _ => null,
    };

    private async Task<(List<StoredEvent> Matching, EventPosition? Last)> Stretch(
        OrgId org, EventSearch search, string[]? types, EventPosition? before, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            StretchSql,
            org.Value,
            before?.Fold ?? Guid.AllBitsSet,
            before?.Ordinal ?? int.MaxValue,
            Limits.EventsReadAtOnce,
            types,
            search.Source,
            search.Subject,
            search.From,
            search.To,
            search.BillingAccount?.Value,
            search.Id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var matching = new List<StoredEvent>();
        EventPosition? last = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            var stored = EventRows.Read(reader);
            last = stored.Position;
            if (reader.GetBoolean(EventRows.ColumnCount))
            {
                matching.Add(stored);
            }
        }

        return (matching, last);
    }

    private async Task<StoredEvent?> Named(OrgId org, string source, string id, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(NamedSql, org.Value, EventParser.KeyHashOf(source, id));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? EventRows.Read(reader) : null;
    }
}
