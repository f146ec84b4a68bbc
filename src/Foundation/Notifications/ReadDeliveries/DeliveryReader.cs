using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Reads deliveries and their attempts.</summary>
internal sealed class DeliveryReader(NpgsqlDataSource database)
{
    private const string Columns = """
        delivery.delivery_id, delivery.endpoint_id, delivery.message_id, message.topic, delivery.state,
            delivery.attempts, delivery.due_at, delivery.last_status, delivery.last_error, delivery.created_at,
            delivery.finished_at
        """;

    private const string ListSql = $"""
        select {Columns}
        from notifications.deliveries delivery
        join notifications.messages message
          on message.org_id = delivery.org_id and message.message_id = delivery.message_id
        where delivery.org_id = $1
          and ($2::uuid is null or delivery.endpoint_id = $2)
          and ($3::text is null or delivery.state = $3)
          and ($4::text is null or message.topic = $4)
          and ($5::uuid is null or delivery.delivery_id < $5)
        order by delivery.delivery_id desc
        limit $6
        """;

    public async Task<IReadOnlyList<WebhookDelivery>> List(
        OrgId org, DeliveryFilter filter, WebhookDeliveryId? after, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            ListSql,
            org.Value,
            filter.Endpoint?.Value,
            filter.State is { } state ? StoredWord.Of(state) : null,
            filter.Topic,
            after?.Value,
            limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<WebhookDelivery>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Read(reader));
        }

        return rows;
    }

    private const string FindSql = $"""
        select {Columns}, message.body
        from notifications.deliveries delivery
        join notifications.messages message
          on message.org_id = delivery.org_id and message.message_id = delivery.message_id
        where delivery.org_id = $1
          and delivery.delivery_id = $2
        """;

    private const string AttemptsSql = """
        select number, started_at, duration_ms, status, error, answer
        from notifications.delivery_attempts
        where org_id = $1
          and delivery_id = $2
        order by number
        """;

    public async Task<WebhookDeliveryDetails?> Find(
        OrgId org, WebhookDeliveryId delivery, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.Sql(FindSql, org.Value, delivery.Value);
        WebhookDelivery row;
        string body;
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return null;
            }

            (row, body) = (Read(reader), reader.GetString(11));
        }

        return new WebhookDeliveryDetails(row, body, await Attempts(connection, org, delivery, cancellationToken));
    }

    private static async Task<IReadOnlyList<WebhookAttempt>> Attempts(
        NpgsqlConnection connection, OrgId org, WebhookDeliveryId delivery, CancellationToken cancellationToken)
    {
        await using var command = connection.Sql(AttemptsSql, org.Value, delivery.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var attempts = new List<WebhookAttempt>();
        while (await reader.ReadAsync(cancellationToken))
        {
            attempts.Add(new WebhookAttempt(
                reader.GetInt32(0),
                reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetInt32(2),
                reader.IsDBNull(3) ? null : reader.GetInt32(3),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5)));
        }

        return attempts;
    }

    private static WebhookDelivery Read(NpgsqlDataReader reader)
    {
        var state = StoredWord.Read<DeliveryState>(reader.GetString(4));
        return new WebhookDelivery(
            new WebhookDeliveryId(reader.GetGuid(0)),
            new WebhookEndpointId(reader.GetGuid(1)),
            new MessageId(reader.GetGuid(2)),
            reader.GetString(3),
            state,
            reader.GetInt32(5),
            state == DeliveryState.Waiting ? reader.GetFieldValue<DateTimeOffset>(6) : null,
            reader.IsDBNull(7) ? null : reader.GetInt32(7),
            reader.IsDBNull(8) ? null : reader.GetString(8),
            reader.GetFieldValue<DateTimeOffset>(9),
            EndpointRows.InstantOf(reader, 10));
    }
}
