using Npgsql;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// The stored news as work: taken, done with, put back. Each taking raises the attempt, which is what fences: who took an
/// event earlier cannot end it any more.
/// </summary>
internal sealed class Inbox(NpgsqlDataSource database, TimeProvider time, Jitter jitter)
{
    private const string ClaimSql = """
        with due as (
            select webhook_event_id
            from payments.webhook_events
            where due_at <= $2
              and shard = any ($1)
            order by due_at, webhook_event_id
            limit $3
            for update skip locked
        ), claimed as (
            update payments.webhook_events event
            set state = 'processing',
                attempts = attempts + 1,
                started_at = $2
            from due
            where event.webhook_event_id = due.webhook_event_id
            returning event.*
        )
        select claimed.webhook_event_id, provider, mode, provider_event_id, provider_created_at, event_type,
            provider_object_id, provider_customer_id, attempts, received_at, payload
        from claimed
        left join payments.webhook_payloads payload on payload.webhook_event_id = claimed.webhook_event_id
        order by claimed.webhook_event_id
        """;

    /// <summary>Takes what is due of some shards; what a dead replica had taken is due.</summary>
    public Task<IReadOnlyList<InboxEvent>> Claim(
        IReadOnlyList<int> shards, int count, CancellationToken cancellationToken) =>
        database.Sql(ClaimSql, shards.Select(shard => (short)shard).ToArray(), Instant.Now(time), count)
            .All(Read, cancellationToken);

    private const string LockSql = """
        select event.webhook_event_id
        from payments.webhook_events event
        join unnest($1::uuid[], $2::integer[]) as mine (id, attempt)
          on mine.id = event.webhook_event_id
        where event.state = 'processing'
          and event.attempts = mine.attempt
        order by event.webhook_event_id
        for update of event
        """;

    /// <summary>Locks events that were taken, first of all a transaction locks.</summary>
    /// <returns>Those that nobody took since.</returns>
    public static async Task<IReadOnlyList<InboxEvent>> Lock(
        NpgsqlTransaction transaction, IReadOnlyCollection<InboxEvent> events, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            LockSql, events.Select(one => one.Id.Value).ToArray(), events.Select(one => one.Attempt).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var held = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            held.Add(reader.GetGuid(0));
        }

        return [.. events.Where(one => held.Contains(one.Id.Value))];
    }

    private const string FinishSql = """
        update payments.webhook_events event
        set state = 'processed',
            due_at = null,
            finished_at = $1,
            org_id = done.org,
            billing_account_id = done.account,
            operation_key = done.operation,
            effect = done.effect,
            error = null
        from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
            as done (id, org, account, operation, effect)
        where event.webhook_event_id = done.id
        """;

    /// <summary>Marks locked events as done with.</summary>
    public async Task Finish(
        NpgsqlTransaction transaction,
        IReadOnlyCollection<(InboxEvent Event, string Effect)> done,
        CancellationToken cancellationToken)
    {
        await transaction.Sql(
            FinishSql,
            Instant.Now(time),
            done.Select(one => one.Event.Id.Value).ToArray(),
            done.Select(one => one.Event.Account?.Org.Value).ToArray(),
            done.Select(one => one.Event.Account?.Account.Value).ToArray(),
            done.Select(one => one.Event.OperationKey).ToArray(),
            done.Select(one => one.Effect).ToArray()).Run(cancellationToken);
    }

    private const string PutBackSql = """
        update payments.webhook_events event
        set state = case when back.due_at is null then 'dead' else 'failed' end,
            due_at = back.due_at,
            failed_at = $1,
            finished_at = case when back.due_at is null then $1 end,
            org_id = back.org,
            billing_account_id = back.account,
            error = back.error
        from unnest($2::uuid[], $3::integer[], $4::timestamptz[], $5::uuid[], $6::uuid[], $7::text[])
            as back (id, attempt, due_at, org, account, error)
        where event.webhook_event_id = back.id
          and event.attempts = back.attempt
          and event.state = 'processing'
        """;

    /// <summary>Puts events back that could not be applied: to be tried later, or dead when they were tried enough.</summary>
    public async Task PutBack(
        IReadOnlyCollection<(InboxEvent Event, string Error, bool IsFinal)> failed, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        await database.Sql(
            PutBackSql,
            now,
            failed.Select(one => one.Event.Id.Value).ToArray(),
            failed.Select(one => one.Event.Attempt).ToArray(),
            failed.Select(one => NextAttempt(one.Event, one.IsFinal, now)).ToArray(),
            failed.Select(one => one.Event.Account?.Org.Value).ToArray(),
            failed.Select(one => one.Event.Account?.Account.Value).ToArray(),
            failed.Select(one => ErrorText.Cut(one.Error, WebhookLimits.ErrorLettersMax)).ToArray()).Run(cancellationToken);
    }

    private const string DepthSql = """
        select count(*), min(received_at)
        from payments.webhook_events
        where due_at is not null
        """;

    /// <summary>What is stored and not done with.</summary>
    public Task<StageDepth> Depth(CancellationToken cancellationToken) =>
        StageDepth.Read(database.Sql(DepthSql), cancellationToken);

    /// <summary>Whether an attempt was the last one.</summary>
    public static bool IsLast(InboxEvent one) => one.Attempt >= WebhookLimits.AttemptsMax;

    private DateTimeOffset? NextAttempt(InboxEvent one, bool isFinal, DateTimeOffset now)
    {
        if (isFinal || IsLast(one))
        {
            return null;
        }

        var doubled = WebhookLimits.RetryFirst * Math.Pow(2, one.Attempt - 1);
        var pause = doubled < WebhookLimits.RetryLongest ? doubled : WebhookLimits.RetryLongest;
        return now + (pause * (0.5 + (jitter.Next() / 2)));
    }

    private static InboxEvent Read(NpgsqlDataReader row) => new(
        new WebhookEventId(row.GetGuid(0)),
        new ProviderPlace(row.GetString(1), row.Mode(2)),
        new EventStamp(row.Instant(4), row.GetString(3)),
        row.GetString(5),
        row.TextOrNull(6),
        row.TextOrNull(7),
        row.GetInt32(8),
        row.Instant(9),
        row.IsDBNull(10) ? null : row.GetFieldValue<byte[]>(10));
}
