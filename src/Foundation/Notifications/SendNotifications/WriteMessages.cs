using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Writes messages with their deliveries and mails, in the transaction of the fact they tell.</summary>
internal sealed class WriteMessages(
    Organisations organisations, NotificationOptions options, IdSource ids, TimeProvider time)
{
    private const string InsertSql = """
        insert into notifications.messages (org_id, message_id, topic, key, body, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (org_id, topic, key) do nothing
        """;

    /// <summary>Writes a message for everyone who wants it; null when there is one of this topic and key.</summary>
    public async Task<MessageId?> Write(
        NpgsqlTransaction transaction, NewMessage message, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        if (await Insert(transaction, message, now, cancellationToken) is not { } id)
        {
            return null;
        }

        var endpoints = await Listening(transaction, message, cancellationToken);
        await Deliver(transaction, message.Org, id, endpoints, now, cancellationToken);
        await Mail(transaction, message, id, now, cancellationToken);
        return id;
    }

    /// <summary>Writes a message for one locked endpoint only.</summary>
    public async Task<WebhookDeliveryId> WriteFor(
        NpgsqlTransaction transaction,
        NewMessage message,
        WebhookEndpointId endpoint,
        CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        var id = await Insert(transaction, message, now, cancellationToken)
            ?? throw new InvalidOperationException($"There is a message {message.Topic} {message.Key} already.");
        return (await Deliver(transaction, message.Org, id, [endpoint], now, cancellationToken))[0];
    }

    private async Task<MessageId?> Insert(
        NpgsqlTransaction transaction, NewMessage message, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var id = ids.Next<MessageId>();
        await using var command = transaction.Sql(
            InsertSql, message.Org.Value, id.Value, message.Topic, message.Key, message.Body, now);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1 ? id : null;
    }

    // Locked in order, and before their deliveries: as everyone does who changes an endpoint.
    private const string ListeningSql = """
        select endpoint_id
        from notifications.webhook_endpoints
        where org_id = $1
          and state = 'enabled'
          and ($2 = any (topics) or '*' = any (topics))
        order by endpoint_id
        for update
        """;

    private static async Task<IReadOnlyList<WebhookEndpointId>> Listening(
        NpgsqlTransaction transaction, NewMessage message, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(ListeningSql, message.Org.Value, message.Topic);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var endpoints = new List<WebhookEndpointId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            endpoints.Add(new WebhookEndpointId(reader.GetGuid(0)));
        }

        return endpoints;
    }

    private const string DeliverSql = """
        insert into notifications.deliveries
            (org_id, delivery_id, endpoint_id, message_id, state, due_at, created_at)
        select $1, delivery_id, endpoint_id, $4, 'waiting', $5, $5
        from unnest($2::uuid[], $3::uuid[]) as wanted (delivery_id, endpoint_id)
        """;

    private async Task<IReadOnlyList<WebhookDeliveryId>> Deliver(
        NpgsqlTransaction transaction,
        OrgId org,
        MessageId message,
        IReadOnlyList<WebhookEndpointId> endpoints,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (endpoints.Count == 0)
        {
            return [];
        }

        WebhookDeliveryId[] deliveries = [.. endpoints.Select(_ => ids.Next<WebhookDeliveryId>())];
        await using (var command = transaction.Sql(
            DeliverSql,
            org.Value,
            deliveries.Select(delivery => delivery.Value).ToArray(),
            endpoints.Select(endpoint => endpoint.Value).ToArray(),
            message.Value,
            now))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await EndpointRows.Wake(transaction, org, endpoints, now, cancellationToken);
        return deliveries;
    }

    // Addresses are not verified yet: nobody is sent more than a person would read.
    private const string RecipientsSql = """
        select address
        from notifications.mail_recipients recipient
        where org_id = $1
          and ($2 = any (topics) or '*' = any (topics))
          and (select count(*)
              from notifications.mails mail
              where mail.org_id = recipient.org_id
                and mail.address = recipient.address
                and mail.created_at > $3) < $4
        order by address
        """;

    private const string MailSql = """
        insert into notifications.mails
            (org_id, mail_id, message_id, address, subject, body, state, due_at, created_at)
        select $1, mail_id, $4, address, $5, $6, 'waiting', $7, $7
        from unnest($2::uuid[], $3::text[]) as wanted (mail_id, address)
        """;

    private async Task Mail(
        NpgsqlTransaction transaction,
        NewMessage message,
        MessageId id,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        // Without a mail server none is kept either: nobody wants last month's mails when there is one.
        if (options.Smtp is null
            || await organisations.Find(message.Org, cancellationToken) is not { } organisation)
        {
            return;
        }

        var addresses = await Recipients(transaction, message, now, cancellationToken);
        await using var command = transaction.Sql(
            MailSql,
            message.Org.Value,
            addresses.Select(_ => ids.Next()).ToArray(),
            addresses.ToArray(),
            id.Value,
            MailText.Subject(organisation, message.Subject),
            MailText.Body(organisation, message.Topic, message.Subject, message.Lines),
            now);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<string>> Recipients(
        NpgsqlTransaction transaction, NewMessage message, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            RecipientsSql,
            message.Org.Value,
            message.Topic,
            now - TimeSpan.FromDays(1),
            Limits.MailsPerAddressAndDayMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var addresses = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            addresses.Add(reader.GetString(0));
        }

        return addresses;
    }
}
