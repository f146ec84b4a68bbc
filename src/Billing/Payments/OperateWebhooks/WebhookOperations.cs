using System.Text.Json;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>What a list of events is searched for; null does not say.</summary>
internal sealed record WebhookQuery(
    OrgId? Org,
    BillingAccountId? BillingAccount,
    WebhookState? State,
    string? Type,
    string? ProviderEvent,
    string? ProviderObject,
    string? OperationKey);

/// <summary>Every way trying something again can end.</summary>
internal enum RetryOutcome
{
    NotFound,
    NotRetryable,
    Started,
}

/// <summary>What operators do about stored news: find it, and have it gone through again.</summary>
internal sealed class WebhookOperations(
    NpgsqlDataSource database, IAudit audit, WakeUps wakeUps, TimeProvider time)
{
    private const string ListSql = $"""
        select {WebhookEventRow.Columns}
        from payments.webhook_events event
        where ($1::uuid is null or webhook_event_id < $1)
          and ($2::uuid is null or org_id = $2)
          and ($3::uuid is null or billing_account_id = $3)
          and ($4::text is null or state = $4)
          and ($5::text is null or event_type = $5)
          and ($6::text is null or provider_event_id = $6)
          and ($7::text is null or provider_object_id = $7)
          and ($8::text is null or operation_key = $8)
        order by webhook_event_id desc
        limit $9
        """;

    /// <summary>Events, newest first.</summary>
    public Task<IReadOnlyList<WebhookEventRow>> List(
        WebhookQuery query, WebhookEventId? before, int count, CancellationToken cancellationToken) =>
        database.Sql(
            ListSql,
            before?.Value,
            query.Org?.Value,
            query.BillingAccount?.Value,
            query.State is { } state ? Word.Of(state) : null,
            query.Type,
            query.ProviderEvent,
            query.ProviderObject,
            query.OperationKey,
            count).All(WebhookEventRow.Read, cancellationToken);

    private const string FindSql = $"""
        select {WebhookEventRow.Columns}
        from payments.webhook_events event
        where webhook_event_id = $1
        """;

    /// <summary>One event; null when there is none.</summary>
    public Task<WebhookEventRow?> Find(WebhookEventId id, CancellationToken cancellationToken) =>
        database.Sql(FindSql, id.Value).Only(WebhookEventRow.Read, cancellationToken);

    private const string ReplaySql = """
        update payments.webhook_events event
        set state = 'received',
            due_at = $2,
            attempts = 0,
            finished_at = null
        where webhook_event_id = $1
          and state in ('failed', 'dead')
          and exists (
              select
              from payments.webhook_payloads payload
              where payload.webhook_event_id = event.webhook_event_id)
        """;

    /// <summary>Has an event gone through again that failed or was given up.</summary>
    public async Task<RetryOutcome> Replay(
        WebhookEventId id, string reason, string actor, CancellationToken cancellationToken)
    {
        if (await Find(id, cancellationToken) is not { } row)
        {
            return RetryOutcome.NotFound;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await transaction.Sql(ReplaySql, id.Value, Instant.Now(time)).Run(cancellationToken) != 1)
        {
            return RetryOutcome.NotRetryable;
        }

        var entry = new AuditEntry(
            row.Org,
            actor,
            "webhook_event.replayed",
            id.ToString(),
            reason,
            Before: State(row.State),
            After: State(WebhookState.Received));
        await audit.Record(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeUps.Hint(ProcessWebhooks.Channel);
        return RetryOutcome.Started;
    }

    private const string DiscardSql = """
        update payments.webhook_events
        set state = 'processed',
            effect = 'discarded',
            due_at = null,
            finished_at = $2
        where webhook_event_id = $1
          and state in ('failed', 'dead')
        """;

    /// <summary>Lays an event aside that failed or was given up: it is done with, and changed nothing.</summary>
    public async Task<RetryOutcome> Discard(
        WebhookEventId id, string reason, string actor, CancellationToken cancellationToken)
    {
        if (await Find(id, cancellationToken) is not { } row)
        {
            return RetryOutcome.NotFound;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await transaction.Sql(DiscardSql, id.Value, Instant.Now(time)).Run(cancellationToken) != 1)
        {
            return RetryOutcome.NotRetryable;
        }

        var entry = new AuditEntry(
            row.Org,
            actor,
            "webhook_event.discarded",
            id.ToString(),
            reason,
            Before: JsonSerializer.Serialize(new { row.State, row.Error }, JsonConventions.Options),
            After: State(WebhookState.Processed));
        await audit.Record(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return RetryOutcome.Started;
    }

    private const string ReplayDeadSql = """
        with dead as (
            select event.webhook_event_id
            from payments.webhook_events event
            join payments.webhook_payloads payload on payload.webhook_event_id = event.webhook_event_id
            where state = 'dead'
            order by event.webhook_event_id
            limit $2
            for update of event
        )
        update payments.webhook_events event
        set state = 'received',
            due_at = $1,
            attempts = 0,
            finished_at = null
        from dead
        where event.webhook_event_id = dead.webhook_event_id
        """;

    /// <summary>Has dead events gone through again, the oldest first.</summary>
    /// <returns>How many.</returns>
    public async Task<int> ReplayDead(string reason, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var count = await transaction.Sql(ReplayDeadSql, Instant.Now(time), WebhookLimits.ReplayedMax).Run(cancellationToken);
        var after = JsonSerializer.Serialize(new { count }, JsonConventions.Options);
        await audit.Record(
            transaction,
            new AuditEntry(null, actor, "webhook_events.replayed", "dead", reason, After: after),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeUps.Hint(ProcessWebhooks.Channel);
        return count;
    }

    private const string RetryFailedSql = """
        with failed as (
            select webhook_event_id
            from payments.webhook_events
            where state = 'failed'
              and due_at > $1
              and attempts <= $3
            order by webhook_event_id
            limit $2
            for update skip locked
        )
        update payments.webhook_events event
        set due_at = $1
        from failed
        where event.webhook_event_id = failed.webhook_event_id
        """;

    /// <summary>Has failed events tried now instead of when their pause ends; those that failed often keep their pause.</summary>
    public async Task<int> RetryFailed(int count, CancellationToken cancellationToken)
    {
        var revived = await database
            .Sql(RetryFailedSql, Instant.Now(time), count, WebhookLimits.HurriedAttemptsMax)
            .Run(cancellationToken);
        wakeUps.Hint(ProcessWebhooks.Channel);
        return revived;
    }

    private static string State(WebhookState state) => JsonSerializer.Serialize(new { state }, JsonConventions.Options);
}

/// <summary>Stored news, as operators see it.</summary>
internal sealed record WebhookEventRow(
    WebhookEventId Id,
    ProviderPlace Place,
    string ProviderEvent,
    string Type,
    DateTimeOffset ProviderCreatedAt,
    string? ProviderObject,
    string? ProviderCustomer,
    WebhookState State,
    int Attempts,
    DateTimeOffset? DueAt,
    DateTimeOffset ReceivedAt,
    DateTimeOffset? FinishedAt,
    OrgId? Org,
    BillingAccountId? BillingAccount,
    string? OperationKey,
    string? Effect,
    string? Error,
    bool HasPayload)
{
    public const string Columns = """
        webhook_event_id, provider, mode, provider_event_id, event_type, provider_created_at, provider_object_id,
        provider_customer_id, state, attempts, due_at, received_at, finished_at, org_id, billing_account_id, operation_key,
        effect, error,
        exists (select from payments.webhook_payloads kept where kept.webhook_event_id = event.webhook_event_id)
        """;

    public static WebhookEventRow Read(NpgsqlDataReader row) => new(
        new WebhookEventId(row.GetGuid(0)),
        new ProviderPlace(row.GetString(1), row.Mode(2)),
        row.GetString(3),
        row.GetString(4),
        row.Instant(5),
        row.TextOrNull(6),
        row.TextOrNull(7),
        row.Word<WebhookState>(8),
        row.GetInt32(9),
        row.InstantOrNull(10),
        row.Instant(11),
        row.InstantOrNull(12),
        row.IdOrNull(13) is { } org ? new OrgId(org) : null,
        row.IdOrNull(14) is { } account ? new BillingAccountId(account) : null,
        row.TextOrNull(15),
        row.TextOrNull(16),
        row.TextOrNull(17),
        row.GetBoolean(18));
}
