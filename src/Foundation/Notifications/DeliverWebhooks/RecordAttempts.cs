using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>An attempt that was made.</summary>
internal sealed record Attempt(DateTimeOffset StartedAt, TimeSpan Took, AttemptResult Result);

/// <summary>
/// Records attempts: what becomes of the delivery, and of the endpoint. Locks the endpoint first, as everyone does.
/// </summary>
internal sealed class RecordAttempts(
    NpgsqlDataSource database,
    WriteMessages messages,
    IAudit audit,
    WakeUps wakeUps,
    Jitter jitter,
    TimeProvider time,
    ILogger<RecordAttempts> logger)
{
    private const string FailureText = "The endpoint was disabled.";

    public async Task Record(
        DueEndpoint endpoint, WebhookDeliveryId delivery, Attempt attempt, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await EndpointRows.Lock(transaction, endpoint.Org, endpoint.Id, cancellationToken) is not { } row)
        {
            return;
        }

        var tries = await Tries(transaction, endpoint.Org, delivery, cancellationToken);
        if (tries is null)
        {
            // Another replica, which had the endpoint after this one lost it, has seen the end of it.
            return;
        }

        await WriteDelivery(transaction, endpoint.Org, delivery, attempt, tries.Value + 1, cancellationToken);
        var isDisabled = await WriteEndpoint(transaction, endpoint.Org, row, attempt, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (isDisabled)
        {
            wakeUps.Hint(DeliveryRunner.Channel);
            wakeUps.Hint(MailPump.Channel);
        }
    }

    private const string TriesSql = """
        select tries
        from notifications.deliveries
        where org_id = $1
          and delivery_id = $2
          and state = 'waiting'
        for update
        """;

    private static async Task<int?> Tries(
        NpgsqlTransaction transaction, OrgId org, WebhookDeliveryId delivery, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(TriesSql, org.Value, delivery.Value);
        return await command.ExecuteScalarAsync(cancellationToken) as int?;
    }

    private const string WriteDeliverySql = """
        with delivery as (
            update notifications.deliveries
            set state = $3,
                attempts = attempts + 1,
                tries = tries + 1,
                due_at = $4,
                finished_at = $5,
                last_status = $6,
                last_error = $7
            where org_id = $1
              and delivery_id = $2
            returning attempts
        )
        insert into notifications.delivery_attempts
            (org_id, delivery_id, number, started_at, duration_ms, status, error, answer)
        select $1, $2, attempts, $8, $9, $6, $7, $10
        from delivery
        """;

    private async Task WriteDelivery(
        NpgsqlTransaction transaction,
        OrgId org,
        WebhookDeliveryId delivery,
        Attempt attempt,
        int tries,
        CancellationToken cancellationToken)
    {
        var (now, result) = (Instant.Now(time), attempt.Result);
        var pause = result.IsDelivered || result.IsGone
            ? null
            : RetrySchedule.After(tries, result.RetryAfter, jitter.Next());
        var state = (result.IsDelivered, pause) switch
        {
            (true, _) => DeliveryState.Delivered,
            (_, null) => DeliveryState.Dead,
            _ => DeliveryState.Waiting,
        };
        await using var command = transaction.Sql(
            WriteDeliverySql,
            org.Value,
            delivery.Value,
            StoredWord.Of(state),
            now + (pause ?? TimeSpan.Zero),
            state == DeliveryState.Waiting ? null : now,
            result.Status,
            result.Error,
            attempt.StartedAt,
            (int)Math.Min(attempt.Took.TotalMilliseconds, int.MaxValue),
            result.Answer);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string HealthSql = """
        update notifications.webhook_endpoints
        set failing_since = $3,
            is_suspect = $4
        where org_id = $1
          and endpoint_id = $2
        """;

    private async Task<bool> WriteEndpoint(
        NpgsqlTransaction transaction, OrgId org, WebhookEndpoint row, Attempt attempt, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        DateTimeOffset? failingSince = attempt.Result.IsDelivered ? null : row.FailingSince ?? now;
        var isSuspect = !attempt.Result.IsDelivered || attempt.Took > Limits.SlowAfter;
        await using (var command = transaction.Sql(
            HealthSql, org.Value, row.Id.Value, failingSince, isSuspect))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        DisabledReason? reason = (attempt.Result.IsGone, now - failingSince >= Limits.FailingLongest) switch
        {
            (true, _) => DisabledReason.Gone,
            (_, true) => DisabledReason.Failing,
            _ => null,
        };
        if (reason is null || !row.IsEnabled)
        {
            return false;
        }

        await Disable(transaction, org, row with { FailingSince = failingSince }, reason.Value, cancellationToken);
        return true;
    }

    private async Task Disable(
        NpgsqlTransaction transaction,
        OrgId org,
        WebhookEndpoint endpoint,
        DisabledReason reason,
        CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        await EndpointRows.Disable(transaction, org, endpoint.Id, reason, now, FailureText, cancellationToken);
        var notice = new WebhookDisabled(endpoint.Id, endpoint.Url, reason, endpoint.FailingSince);
        await messages.Write(
            transaction,
            NewMessage.Of(org, NotificationTopics.WebhookDisabled, $"{endpoint.Id}/{now:O}", now, notice),
            cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org, "system", "webhook_endpoint.disabled", endpoint.Id.ToString(), After: AuditState.Of(notice)),
            cancellationToken);
        Log.EndpointDisabled(logger, endpoint.Id, reason);
    }
}
