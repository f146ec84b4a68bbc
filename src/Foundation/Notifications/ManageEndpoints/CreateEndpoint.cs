using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Makes endpoints.</summary>
internal sealed class CreateEndpoint(
    NpgsqlDataSource database,
    Organisations organisations,
    WebhookSecrets secrets,
    NotificationOptions options,
    IAudit audit,
    IdSource ids,
    TimeProvider time)
{
    public async Task<WebhookEndpointOutcome> Handle(
        OrgId org,
        NewWebhookEndpoint request,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        var organisation = await organisations.Find(org, cancellationToken)
            ?? throw new InvalidOperationException($"There is no organisation {org}.");
        var topics = request.Topics ?? [NotificationTopic.Every];
        var check = new EndpointCheck(organisation.Mode, options.AllowsPrivateNetworks);
        check.Url(request.Url);
        check.Topics(topics);
        check.Text("description", request.Description);
        if (check.HasFailed)
        {
            return new WebhookEndpointOutcome.Invalid(check.Errors);
        }

        var id = ids.Next<WebhookEndpointId>();
        var (text, kept) = secrets.Make(id);
        var endpoint = new WebhookEndpoint(
            id, request.Url, request.Description, topics, true, null, null, null, null, Instant.Now(time));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Count(transaction, org, cancellationToken) >= Limits.EndpointsMax)
        {
            return new WebhookEndpointOutcome.TooMany();
        }

        await Insert(transaction, org, endpoint, kept, actor, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org, actor, "webhook_endpoint.created", id.ToString(), After: AuditState.Of(endpoint)),
            cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new WebhookEndpointOutcome.DoneWithSecret(endpoint, text);
    }

    // Two made at once may both be counted as the last: a few too many harm nobody.
    private const string CountSql = """
        select count(*)
        from notifications.webhook_endpoints
        where org_id = $1
          and state <> 'deleted'
        """;

    private static async Task<long> Count(
        NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(CountSql, org.Value);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string InsertSql = """
        insert into notifications.webhook_endpoints
            (org_id, endpoint_id, url, description, topics, state, secret, created_by, created_at)
        values ($1, $2, $3, $4, $5, 'enabled', $6, $7, $8)
        """;

    private static async Task Insert(
        NpgsqlTransaction transaction,
        OrgId org,
        WebhookEndpoint endpoint,
        byte[] secret,
        string actor,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql,
            org.Value,
            endpoint.Id.Value,
            endpoint.Url,
            endpoint.Description,
            endpoint.Topics.ToArray(),
            secret,
            actor,
            endpoint.CreatedAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
