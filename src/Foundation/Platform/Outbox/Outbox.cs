using Npgsql;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>
/// A piece of news: a record of its publisher, kept as JSON. Later releases may add members with defaults only.
/// </summary>
public interface IOutboxEvent
{
    /// <summary>The stable topic, <c>module.thing_happened</c>.</summary>
    static abstract string Topic { get; }
}

/// <summary>A piece of news as a subscriber gets it.</summary>
/// <param name="Id">The same for every subscriber and every repetition: what to remember to act once.</param>
/// <param name="Org">Where it happened; null for the platform itself.</param>
/// <param name="Key">What it is about; news with the same organisation and key come in order.</param>
/// <param name="CorrelationId">The correlation id of what caused it.</param>
/// <param name="PublishedAt">When it was published, on the system clock.</param>
/// <param name="Event">The news.</param>
public sealed record OutboxMessage<TEvent>(
    Guid Id, OrgId? Org, string Key, string? CorrelationId, DateTimeOffset PublishedAt, TEvent Event)
    where TEvent : IOutboxEvent;

/// <summary>
/// Hears news, at least once. Its effects must bear repetition, or stand in one transaction with
/// <see cref="JobRun.Complete"/>. Throwing means it is told again later, then that the delivery is dead.
/// </summary>
public delegate Task Subscriber<TEvent>(
    OutboxMessage<TEvent> message, JobRun delivery, CancellationToken cancellationToken)
    where TEvent : IOutboxEvent;

/// <summary>A piece of news as it was told, for people to look at.</summary>
/// <param name="Id">Which.</param>
/// <param name="Topic">Of what kind.</param>
/// <param name="Key">What it is about.</param>
/// <param name="Payload">The news, as JSON.</param>
/// <param name="CorrelationId">Of what caused it.</param>
/// <param name="PublishedAt">When.</param>
public sealed record ToldNews(
    Guid Id, string Topic, string Key, string Payload, string? CorrelationId, DateTimeOffset PublishedAt);

/// <summary>
/// Tells other modules and the world what happened: published in the transaction of the fact, so that there is no fact
/// without its news and no news without its fact. Each subscriber's delivery is a job.
/// </summary>
public sealed class Outbox(IdSource ids, NpgsqlDataSource database, TimeProvider time)
{
    private const string ToldSql = """
        select distinct on (message_id) message_id, topic, key, payload::text, correlation_id, published_at
        from unnest($4::uuid[], $5::uuid[]) span (first, last)
        cross join lateral (
            select *
            from platform.outbox
            where message_id >= first
              and message_id < last
              and org_id = $1
              and starts_with(topic, $2)
              and key = any($3)) told
        order by message_id
        limit $6
        """;

    /// <summary>
    /// News of an organisation told about some instants, the oldest first, as long as it is kept: for people who follow
    /// what happened.
    /// </summary>
    /// <param name="org">The organisation.</param>
    /// <param name="topics">What the topics begin with: a module's.</param>
    /// <param name="keys">What the news is about.</param>
    /// <param name="instants">When; news within two seconds of one of these is found.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async Task<IReadOnlyList<ToldNews>> Told(
        OrgId org,
        string topics,
        IReadOnlyCollection<string> keys,
        IReadOnlyCollection<DateTimeOffset> instants,
        int count,
        CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            ToldSql,
            org.Value,
            topics,
            keys.ToArray(),
            instants.Select(instant => IdSource.LowerBound(instant - OutboxLimits.ToldAround)).ToArray(),
            instants.Select(instant => IdSource.LowerBound(instant + OutboxLimits.ToldAround)).ToArray(),
            count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var told = new List<ToldNews>();
        while (await reader.ReadAsync(cancellationToken))
        {
            told.Add(new ToldNews(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.GetFieldValue<DateTimeOffset>(5)));
        }

        return told;
    }

    private const string PublishSql = """
        with message as (
            insert into platform.outbox (message_id, topic, org_id, key, payload, correlation_id, published_at)
            values ($1, $2, $3, $4, $5::jsonb, $6, $7)
        )
        insert into platform.jobs
            (name, order_key, org_id, payload, message_id, correlation_id, state, due_at, enqueued_at)
        select subscriber, $8, $3, '{}', $1, $6, 'waiting', $7, $7
        from platform.outbox_subscriptions
        where topic = $2
        """;

    /// <summary>
    /// Publishes in the caller's transaction; after the commit call <see cref="Jobs.Hint"/>. Order per (organisation,
    /// key) is that of publishing, provided the publisher serializes its transactions on what the key names, as it does
    /// by locking that row first.
    /// </summary>
    /// <param name="transaction">The transaction of the fact.</param>
    /// <param name="org">Where it happened; null for the platform itself.</param>
    /// <param name="key">What it is about, as a rule an id.</param>
    /// <param name="news">The news.</param>
    /// <param name="correlationId">The correlation id of the cause.</param>
    /// <param name="cancellationToken">Stops before the statement is sent.</param>
    /// <returns>The message's id.</returns>
    public async Task<Guid> Publish<TEvent>(
        NpgsqlTransaction transaction,
        OrgId? org,
        string key,
        TEvent news,
        string? correlationId,
        CancellationToken cancellationToken)
        where TEvent : IOutboxEvent
    {
        var id = ids.Next();
        await using var command = transaction.Sql(
            PublishSql,
            id,
            TEvent.Topic,
            org?.Value,
            Jobs.Bounded(key),
            Jobs.PayloadText(news),
            correlationId,
            time.GetUtcNow(),
            $"{org}/{key}");
        await command.ExecuteNonQueryAsync(cancellationToken);
        return id;
    }
}
