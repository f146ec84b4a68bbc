using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>An endpoint this replica serves for a while.</summary>
internal sealed record DueEndpoint(
    OrgId Org,
    WebhookEndpointId Id,
    string Url,
    byte[] Secret,
    byte[]? PreviousSecret,
    DateTimeOffset? PreviousSecretUntil,
    bool IsSuspect,
    long LeaseVersion);

/// <summary>A delivery that is due, with what to send.</summary>
internal sealed record DueDelivery(WebhookDeliveryId Id, MessageId Message, string Body);

/// <summary>Takes endpoints to serve, reads what is due for them, and gives them back.</summary>
internal sealed class DueEndpoints(NpgsqlDataSource database, TimeProvider time)
{
    // A row somebody has locked is being told something new, or recorded: it is looked at again after the hint.
    private const string TakeSql = """
        with fit as (
            (select org_id, endpoint_id, next_due_at
            from notifications.webhook_endpoints
            where next_due_at <= $1
              and state = 'enabled'
              and (leased_until is null or leased_until <= $1)
              and not is_suspect
            order by next_due_at
            limit $2
            for update skip locked)
        ), suspects as (
            (select org_id, endpoint_id, next_due_at
            from notifications.webhook_endpoints
            where next_due_at <= $1
              and state = 'enabled'
              and (leased_until is null or leased_until <= $1)
              and is_suspect
            order by next_due_at
            limit $3
            for update skip locked)
        ), taken as (
            select org_id, endpoint_id
            from (select * from fit union all select * from suspects) due
            order by next_due_at
            limit $2
        )
        update notifications.webhook_endpoints endpoint
        set lease_version = lease_version + 1,
            leased_until = $4
        from taken
        where endpoint.org_id = taken.org_id
          and endpoint.endpoint_id = taken.endpoint_id
        returning endpoint.org_id, endpoint.endpoint_id, url, secret, previous_secret, previous_secret_until,
            is_suspect, lease_version
        """;

    /// <summary>Takes endpoints with something due, longest due first.</summary>
    /// <param name="count">At most so many.</param>
    /// <param name="suspects">At most so many of them that failed or were slow last.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    public async Task<IReadOnlyList<DueEndpoint>> Take(int count, int suspects, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var command = database.Sql(TakeSql, now, count, suspects, now + Limits.LeaseDuration);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var taken = new List<DueEndpoint>();
        while (await reader.ReadAsync(cancellationToken))
        {
            taken.Add(new DueEndpoint(
                new OrgId(reader.GetGuid(0)),
                new WebhookEndpointId(reader.GetGuid(1)),
                reader.GetString(2),
                reader.GetFieldValue<byte[]>(3),
                reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4),
                reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5),
                reader.GetBoolean(6),
                reader.GetInt64(7)));
        }

        return taken;
    }

    private const string ReadSql = """
        select delivery.delivery_id, delivery.message_id, message.body
        from notifications.deliveries delivery
        join notifications.messages message
          on message.org_id = delivery.org_id and message.message_id = delivery.message_id
        where delivery.org_id = $1
          and delivery.endpoint_id = $2
          and delivery.state = 'waiting'
          and delivery.due_at <= $3
          and exists (
              select
              from notifications.webhook_endpoints endpoint
              where endpoint.org_id = $1
                and endpoint.endpoint_id = $2
                and endpoint.lease_version = $4
                and endpoint.state = 'enabled')
        order by delivery.due_at, delivery.delivery_id
        limit $5
        """;

    /// <summary>What is due for an endpoint now; nothing when it was disabled or is another replica's.</summary>
    public async Task<IReadOnlyList<DueDelivery>> Read(DueEndpoint endpoint, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            ReadSql,
            endpoint.Org.Value,
            endpoint.Id.Value,
            time.GetUtcNow(),
            endpoint.LeaseVersion,
            Limits.DeliveriesPerRead);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<DueDelivery>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(new DueDelivery(
                new WebhookDeliveryId(reader.GetGuid(0)), new MessageId(reader.GetGuid(1)), reader.GetString(2)));
        }

        return due;
    }

    private const string GiveBackSql = """
        update notifications.webhook_endpoints
        set leased_until = null,
            next_due_at = (
                select min(due_at)
                from notifications.deliveries
                where org_id = $1
                  and endpoint_id = $2
                  and state = 'waiting')
        where org_id = $1
          and endpoint_id = $2
          and lease_version = $3
        """;

    /// <summary>Gives an endpoint back, with when it is due next.</summary>
    public async Task GiveBack(DueEndpoint endpoint)
    {
        // Locked by a statement of its own, so that the next one sees what was told while it waited.
        await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
        await EndpointRows.Lock(transaction, endpoint.Org, endpoint.Id, CancellationToken.None);
        await using (var command = transaction.Sql(
            GiveBackSql, endpoint.Org.Value, endpoint.Id.Value, endpoint.LeaseVersion))
        {
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }

        await transaction.CommitAsync(CancellationToken.None);
    }
}
