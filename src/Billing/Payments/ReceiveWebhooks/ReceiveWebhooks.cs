using System.Diagnostics.Metrics;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// Stores the provider's news before it is answered: many deliveries share one statement. The same event is stored once,
/// however often it comes; nothing else is decided here.
/// </summary>
internal sealed class ReceiveWebhooks : IAsyncDisposable
{
    private readonly NpgsqlDataSource database;
    private readonly TimeProvider time;
    private readonly IdSource ids;
    private readonly WakeUps wakeUps;
    private readonly GroupCommit<ReceivedEvent> commit;
    private readonly Counter<long> deliveries;

    public ReceiveWebhooks(
        NpgsqlDataSource database, TimeProvider time, IdSource ids, WakeUps wakeUps, IMeterFactory instruments)
    {
        (this.database, this.time, this.ids, this.wakeUps) = (database, time, ids, wakeUps);
        commit = new GroupCommit<ReceivedEvent>(
            new GroupCommitOptions(
                WebhookLimits.Writers,
                WebhookLimits.FlushKibibytesMax,
                WebhookLimits.QueuedKibibytesMax,
                WebhookLimits.FurtherWriterKibibytes),
            Flush);
        var meter = instruments.Create("Quoin.Payments");
        deliveries = meter.CreateCounter<long>("payments.webhook.receive", "{delivery}", "Deliveries at the door, by what they were.");
        meter.CreateObservableGauge("payments.webhook.queue", () => commit.QueuedWeight, "KiBy", "News waiting to be stored.");
    }

    /// <summary>Counts a delivery; the endings are a closed list.</summary>
    public void Count(string ending) => deliveries.Add(1, new KeyValuePair<string, object?>("ending", ending));

    /// <summary>Stores an event and returns once it is durable.</summary>
    /// <returns>False when too many wait: the provider comes again.</returns>
    public ValueTask<bool> Store(ReceivedEvent received) => commit.Run(received, CancellationToken.None);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => commit.DisposeAsync();

    /// <summary>Whose turn an event is: all about one customer, or about one object, have the same.</summary>
    internal static short ShardOf(ProviderEventHead head)
    {
        // FNV-1a: the same on every replica and release, which GetHashCode is not.
        const uint offset = 2_166_136_261;
        const uint prime = 16_777_619;
        var hash = offset;
        foreach (var letter in head.Customer ?? head.Object ?? head.Id)
        {
            hash = unchecked((hash ^ letter) * prime);
        }

        return (short)(hash % WebhookLimits.Shards);
    }

    // In one order for all flushes: two that hold the same events wait for each other and never deadlock.
    private const string InsertSql = """
        with arrived as (
            select *
            from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[],
                $9::smallint[], $10::bytea[])
                as event (id, provider, mode, provider_event_id, type, created_at, object, customer, shard, payload)
        ), stored as (
            insert into payments.webhook_events
                (webhook_event_id, provider, mode, provider_event_id, event_type, provider_created_at, provider_object_id,
                provider_customer_id, shard, state, due_at, received_at)
            select id, provider, mode, provider_event_id, type, created_at, object, customer, shard, 'received', $11, $11
            from arrived
            order by provider_event_id
            on conflict (provider, mode, provider_event_id) do nothing
            returning webhook_event_id
        )
        insert into payments.webhook_payloads (webhook_event_id, payload)
        select id, payload
        from arrived
        join stored on webhook_event_id = id
        """;

    private async Task Flush(IReadOnlyList<ReceivedEvent> group, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        await using var command = database.Sql(
            InsertSql,
            group.Select(_ => ids.Next()).ToArray(),
            group.Select(one => one.Provider).ToArray(),
            group.Select(one => Word.Of(one.Mode)).ToArray(),
            group.Select(one => one.Head.Id).ToArray(),
            group.Select(one => one.Head.Type).ToArray(),
            group.Select(one => one.Head.CreatedAt).ToArray(),
            group.Select(one => one.Head.Object).ToArray(),
            group.Select(one => one.Head.Customer).ToArray(),
            group.Select(one => ShardOf(one.Head)).ToArray(),
            group.Select(one => one.Payload).ToArray(),
            now);
        await command.ExecuteNonQueryAsync(cancellationToken);
        wakeUps.Hint(ProcessWebhooks.Channel);
    }
}
