using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Reads endpoints.</summary>
internal sealed class EndpointReader(NpgsqlDataSource database)
{
    private const string AllSql = $"""
        select {EndpointRows.Columns}
        from notifications.webhook_endpoints
        where org_id = $1
          and state <> 'deleted'
          and ($2::uuid is null or endpoint_id = $2)
        order by endpoint_id
        """;

    public Task<IReadOnlyList<WebhookEndpoint>> All(OrgId org, CancellationToken cancellationToken) =>
        Read(org, null, cancellationToken);

    public async Task<WebhookEndpoint?> Find(
        OrgId org, WebhookEndpointId endpoint, CancellationToken cancellationToken) =>
        (await Read(org, endpoint, cancellationToken)).FirstOrDefault();

    private async Task<IReadOnlyList<WebhookEndpoint>> Read(
        OrgId org, WebhookEndpointId? endpoint, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(AllSql, org.Value, endpoint?.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var endpoints = new List<WebhookEndpoint>();
        while (await reader.ReadAsync(cancellationToken))
        {
            endpoints.Add(EndpointRows.Read(reader));
        }

        return endpoints;
    }
}
