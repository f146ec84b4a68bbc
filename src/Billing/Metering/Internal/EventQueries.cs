using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>Reads stored events.</summary>
internal sealed class EventQueries(NpgsqlDataSource database)
{
    private const string NewestSql = $"""
        select {EventRows.Columns}
        from metering.events e
        {EventRows.Amended}
        where e.org_id = $1
            and (e.fold_id, e.ordinal) < ($2, $3)
        order by e.fold_id desc, e.ordinal desc
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
        select {EventRows.Columns}
        from metering.events e
        {EventRows.Amended}
        where e.org_id = $1
            and e.fold_id = $2
            and e.ordinal = $3
        """;

    public async Task<StoredEvent?> At(OrgId org, EventPosition position, CancellationToken cancellationToken)
    {
        var found = await Read(AtSql, [org.Value, position.Fold, position.Ordinal], cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    private async Task<IReadOnlyList<StoredEvent>> Read(
        string sql, object[] values, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<StoredEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            events.Add(EventRows.Read(reader));
        }

        return events;
    }
}
