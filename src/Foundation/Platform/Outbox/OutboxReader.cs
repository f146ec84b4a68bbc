using System.Text.Json;
using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>Reads messages for their deliveries, and forgets old ones.</summary>
internal sealed class OutboxReader(NpgsqlDataSource database, TimeProvider time)
{
    private const string ReadSql = """
        select org_id, key, correlation_id, published_at, payload::text
        from platform.outbox
        where message_id = $1
        """;

    public async Task<OutboxMessage<TEvent>> Read<TEvent>(Guid id, CancellationToken cancellationToken)
        where TEvent : IOutboxEvent
    {
        await using var command = database.Sql(ReadSql, id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw new InvalidOperationException($"Outbox message {id} is gone before it was delivered.");
        }

        return new OutboxMessage<TEvent>(
            id,
            reader.IsDBNull(0) ? null : new OrgId(reader.GetGuid(0)),
            reader.GetString(1),
            reader.IsDBNull(2) ? null : reader.GetString(2),
            reader.GetFieldValue<DateTimeOffset>(3),
            JsonSerializer.Deserialize<TEvent>(reader.GetString(4), JsonConventions.Options)!);
    }

    private const string PurgeSql = """
        with old as (
            select message_id
            from platform.outbox
            where published_at < $1
              and not exists (
                  select
                  from platform.jobs delivery
                  where delivery.message_id = outbox.message_id)
            order by published_at
            limit $2
        )
        delete from platform.outbox
        using old
        where outbox.message_id = old.message_id
        """;

    /// <summary>Forgets messages past their time that every subscriber has got.</summary>
    public async Task Purge(CancellationToken cancellationToken)
    {
        int removed;
        do
        {
            await using var command = database.Sql(
                PurgeSql, time.GetUtcNow() - OutboxLimits.KeptFor, OutboxLimits.PurgedAtOnce);
            removed = await command.ExecuteNonQueryAsync(cancellationToken);
        }
        while (removed == OutboxLimits.PurgedAtOnce);
    }
}
