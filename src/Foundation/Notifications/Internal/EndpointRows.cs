using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Statements on endpoints that several slices need.</summary>
internal static class EndpointRows
{
    public const string Columns = """
        endpoint_id, url, description, topics, state, disabled_reason, disabled_at, failing_since,
            previous_secret_until, created_at
        """;

    public static WebhookEndpoint Read(NpgsqlDataReader reader) => new(
        new WebhookEndpointId(reader.GetGuid(0)),
        reader.GetString(1),
        reader.IsDBNull(2) ? null : reader.GetString(2),
        reader.GetFieldValue<string[]>(3),
        string.Equals(reader.GetString(4), "enabled", StringComparison.Ordinal),
        reader.IsDBNull(5) ? null : StoredWord.Read<DisabledReason>(reader.GetString(5)),
        InstantOf(reader, 6),
        InstantOf(reader, 7),
        InstantOf(reader, 8),
        reader.GetFieldValue<DateTimeOffset>(9));

    public static DateTimeOffset? InstantOf(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private const string LockSql = $"""
        select {Columns}
        from notifications.webhook_endpoints
        where org_id = $1
          and endpoint_id = $2
          and state <> 'deleted'
        for update
        """;

    /// <summary>
    /// Locks an endpoint: the first lock of everyone who changes it or its deliveries. Null when there is none.
    /// </summary>
    public static async Task<WebhookEndpoint?> Lock(
        NpgsqlTransaction transaction, OrgId org, WebhookEndpointId endpoint, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockSql, org.Value, endpoint.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    private const string DisableSql = """
        update notifications.webhook_endpoints
        set state = 'disabled',
            disabled_reason = $3,
            disabled_at = $4,
            next_due_at = null
        where org_id = $1
          and endpoint_id = $2
        """;

    private const string GiveUpSql = """
        update notifications.deliveries
        set state = 'dead',
            finished_at = $3,
            last_error = $4
        where org_id = $1
          and endpoint_id = $2
          and state = 'waiting'
        """;

    /// <summary>Disables a locked endpoint and gives up what waits for it, until somebody replays it.</summary>
    public static async Task Disable(
        NpgsqlTransaction transaction,
        OrgId org,
        WebhookEndpointId endpoint,
        DisabledReason reason,
        DateTimeOffset now,
        string why,
        CancellationToken cancellationToken)
    {
        await using (var disable = transaction.Sql(
            DisableSql, org.Value, endpoint.Value, StoredWord.Of(reason), now))
        {
            await disable.ExecuteNonQueryAsync(cancellationToken);
        }

        await GiveUp(transaction, org, endpoint, now, why, cancellationToken);
    }

    /// <summary>Gives up what waits for a locked endpoint.</summary>
    public static async Task GiveUp(
        NpgsqlTransaction transaction,
        OrgId org,
        WebhookEndpointId endpoint,
        DateTimeOffset now,
        string why,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(GiveUpSql, org.Value, endpoint.Value, now, why);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string WakeSql = """
        update notifications.webhook_endpoints
        set next_due_at = least(coalesce(next_due_at, $3), $3)
        where org_id = $1
          and endpoint_id = any ($2)
        """;

    /// <summary>Makes locked endpoints due.</summary>
    public static async Task Wake(
        NpgsqlTransaction transaction,
        OrgId org,
        IReadOnlyList<WebhookEndpointId> endpoints,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            WakeSql, org.Value, endpoints.Select(endpoint => endpoint.Value).ToArray(), now);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
