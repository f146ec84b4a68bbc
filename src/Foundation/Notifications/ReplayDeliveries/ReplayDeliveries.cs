using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Sends again, and sends tests. Every delivery keeps its message, so a receiver knows what it has had.</summary>
internal sealed class ReplayDeliveries(
    NpgsqlDataSource database, WriteMessages messages, IAudit audit, WakeUps wakeUps, IdSource ids, TimeProvider time)
{
    public Task<ReplayOutcome> SendTest(
        OrgId org, WebhookEndpointId endpoint, string topic, string actor, CancellationToken cancellationToken)
    {
        if (NotificationTopics.Find(topic) is not { } known)
        {
            return Task.FromResult<ReplayOutcome>(Wrong("topic", $"must be one of {TopicNames}"));
        }

        return OnEndpoint(org, endpoint, "webhook_endpoint.tested", actor, async transaction =>
        {
            var body = MessageBody.Of(org, topic, Instant.Now(time), known.ExamplePayload, isTest: true);
            var message = new NewMessage(org, topic, $"test/{ids.Next():N}", body, "", "");
            return (1, await messages.WriteFor(transaction, message, endpoint, cancellationToken));
        }, cancellationToken);
    }

    private const string EndpointOfSql = """
        select endpoint_id
        from notifications.deliveries
        where org_id = $1
          and delivery_id = $2
        """;

    private const string OneSql = """
        update notifications.deliveries
        set state = 'waiting',
            tries = 0,
            due_at = $3,
            finished_at = null
        where org_id = $1
          and delivery_id = $2
        """;

    public async Task<ReplayOutcome> One(
        OrgId org, WebhookDeliveryId delivery, string actor, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(EndpointOfSql, org.Value, delivery.Value);
        if (await command.ExecuteScalarAsync(cancellationToken) is not Guid endpoint)
        {
            return new ReplayOutcome.NotFound();
        }

        return await OnEndpoint(org, new WebhookEndpointId(endpoint), "webhook_delivery.replayed", actor, async transaction =>
        {
            await using var replay = transaction.Sql(OneSql, org.Value, delivery.Value, Instant.Now(time));
            return (await replay.ExecuteNonQueryAsync(cancellationToken), delivery);
        }, cancellationToken);
    }

    private const string UnsentSql = """
        select message_id
        from notifications.messages message
        where org_id = $1
          and created_at >= $3
          and topic <> 'webhook.test'
          and key not like 'test/%'
          and exists (
              select
              from notifications.webhook_endpoints endpoint
              where endpoint.org_id = $1
                and endpoint.endpoint_id = $2
                and (message.topic = any (endpoint.topics) or '*' = any (endpoint.topics)))
          and not exists (
              select
              from notifications.deliveries delivery
              where delivery.org_id = $1
                and delivery.endpoint_id = $2
                and delivery.message_id = message.message_id)
        order by created_at
        limit $4
        """;

    private const string AddSql = """
        insert into notifications.deliveries
            (org_id, delivery_id, endpoint_id, message_id, state, due_at, created_at)
        select $1, delivery_id, $2, message_id, 'waiting', $5, $5
        from unnest($3::uuid[], $4::uuid[]) as wanted (delivery_id, message_id)
        """;

    private const string SinceSql = """
        with wanted as (
            select delivery.delivery_id
            from notifications.deliveries delivery
            join notifications.messages message
              on message.org_id = delivery.org_id and message.message_id = delivery.message_id
            where delivery.org_id = $1
              and delivery.endpoint_id = $2
              and message.created_at >= $3
              and (delivery.state = 'dead' or ($4 and delivery.state = 'delivered'))
            order by message.created_at
            limit $5
        )
        update notifications.deliveries delivery
        set state = 'waiting',
            tries = 0,
            due_at = $6,
            finished_at = null
        from wanted
        where delivery.org_id = $1
          and delivery.delivery_id = wanted.delivery_id
        """;

    public Task<ReplayOutcome> Since(
        OrgId org,
        WebhookEndpointId endpoint,
        DateTimeOffset since,
        bool includesDelivered,
        string actor,
        CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        if (since < now - Limits.KeptFor || since > now)
        {
            var days = $"must be within the last {Limits.KeptFor.TotalDays:0} days";
            return Task.FromResult<ReplayOutcome>(Wrong("since", days));
        }

        return OnEndpoint(org, endpoint, "webhook_endpoint.replayed", actor, async transaction =>
        {
            await using var again = transaction.Sql(
                SinceSql, org.Value, endpoint.Value, since, includesDelivered, Limits.ReplayedMax, now);
            var count = await again.ExecuteNonQueryAsync(cancellationToken);
            var unsent = await Unsent(transaction, org, endpoint, since, Limits.ReplayedMax - count, cancellationToken);
            await using var add = transaction.Sql(
                AddSql, org.Value, endpoint.Value, unsent.Select(_ => ids.Next()).ToArray(), unsent, now);
            return (count + await add.ExecuteNonQueryAsync(cancellationToken), (WebhookDeliveryId?)null);
        }, cancellationToken);
    }

    private static string TopicNames => string.Join(", ", NotificationTopics.All.Select(topic => topic.Name));

    private static ReplayOutcome.Invalid Wrong(string member, string problem) =>
        new(new Dictionary<string, string> { [member] = problem });

    private static async Task<Guid[]> Unsent(
        NpgsqlTransaction transaction,
        OrgId org,
        WebhookEndpointId endpoint,
        DateTimeOffset since,
        int limit,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(UnsentSql, org.Value, endpoint.Value, since, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetGuid(0));
        }

        return [.. found];
    }

    private async Task<ReplayOutcome> OnEndpoint(
        OrgId org,
        WebhookEndpointId endpoint,
        string action,
        string actor,
        Func<NpgsqlTransaction, Task<(int Count, WebhookDeliveryId? Delivery)>> replay,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await EndpointRows.Lock(transaction, org, endpoint, cancellationToken) is not { } row)
        {
            return new ReplayOutcome.NotFound();
        }

        if (!row.IsEnabled)
        {
            return new ReplayOutcome.Disabled();
        }

        var (count, delivery) = await replay(transaction);
        await EndpointRows.Wake(transaction, org, [endpoint], Instant.Now(time), cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org, actor, action, delivery?.ToString() ?? endpoint.ToString(), After: AuditState.Of(new { count })),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeUps.Hint(DeliveryRunner.Channel);
        return new ReplayOutcome.Replayed(count, delivery);
    }
}
