using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Changes endpoints: address, topics, whether they are told anything, secrets, their end.</summary>
internal sealed class ChangeEndpoint(
    NpgsqlDataSource database,
    Organisations organisations,
    WebhookSecrets secrets,
    NotificationOptions options,
    IAudit audit,
    TimeProvider time)
{
    private const string DisabledText = "The endpoint was disabled.";
    private const string DeletedText = "The endpoint was deleted.";

    private const string ChangeSql = """
        update notifications.webhook_endpoints
        set url = $3,
            topics = $4,
            description = $5
        where org_id = $1
          and endpoint_id = $2
        """;

    private const string EnableSql = """
        update notifications.webhook_endpoints
        set state = 'enabled',
            disabled_reason = null,
            disabled_at = null,
            failing_since = null,
            is_suspect = false
        where org_id = $1
          and endpoint_id = $2
        """;

    public async Task<WebhookEndpointOutcome> Change(
        OrgId org,
        WebhookEndpointId id,
        WebhookEndpointChange change,
        string actor,
        CancellationToken cancellationToken)
    {
        if (await Check(org, change, cancellationToken) is { Count: > 0 } errors)
        {
            return new WebhookEndpointOutcome.Invalid(errors);
        }

        return await Write(org, id, actor, "webhook_endpoint.changed", change.Reason, async (transaction, before) =>
        {
            var now = Instant.Now(time);
            await Send(
                transaction.Sql(
                    ChangeSql,
                    org.Value,
                    id.Value,
                    change.Url ?? before.Url,
                    (change.Topics ?? before.Topics).ToArray(),
                    change.Description ?? before.Description),
                cancellationToken);
            switch (change.IsEnabled, before.IsEnabled)
            {
                case (true, false):
                    await Send(transaction.Sql(EnableSql, org.Value, id.Value), cancellationToken);
                    break;
                case (false, true):
                    await EndpointRows.Disable(
                        transaction, org, id, DisabledReason.ByRequest, now, DisabledText, cancellationToken);
                    break;
            }

            return null;
        }, cancellationToken);
    }

    private const string RotateSql = """
        update notifications.webhook_endpoints
        set previous_secret = case when $4::timestamptz is null then null else secret end,
            previous_secret_until = $4,
            secret = $3
        where org_id = $1
          and endpoint_id = $2
        """;

    public async Task<WebhookEndpointOutcome> RotateSecret(
        OrgId org,
        WebhookEndpointId id,
        TimeSpan overlap,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        if (overlap < TimeSpan.Zero || overlap > Limits.RotationLongest)
        {
            return new WebhookEndpointOutcome.Invalid(new Dictionary<string, string>
            {
                ["overlap_hours"] = $"must be 0 to {Limits.RotationLongest.TotalHours:0}",
            });
        }

        var (text, kept) = secrets.Make(id);
        return await Write(org, id, actor, "webhook_endpoint.secret_rotated", null, async (transaction, _) =>
        {
            DateTimeOffset? until = overlap > TimeSpan.Zero ? Instant.Now(time) + overlap : null;
            await Send(transaction.Sql(RotateSql, org.Value, id.Value, kept, until), cancellationToken);
            await idempotent.Complete(transaction, cancellationToken);
            return text;
        }, cancellationToken);
    }

    private const string DeleteSql = """
        update notifications.webhook_endpoints
        set state = 'deleted',
            disabled_reason = null,
            disabled_at = null,
            previous_secret = null,
            previous_secret_until = null,
            next_due_at = null
        where org_id = $1
          and endpoint_id = $2
        """;

    public async Task<WebhookEndpointOutcome> Delete(
        OrgId org, WebhookEndpointId id, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await EndpointRows.Lock(transaction, org, id, cancellationToken) is not { } before)
        {
            return new WebhookEndpointOutcome.NoSuchEndpoint();
        }

        await Send(transaction.Sql(DeleteSql, org.Value, id.Value), cancellationToken);
        await EndpointRows.GiveUp(transaction, org, id, Instant.Now(time), DeletedText, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org, actor, "webhook_endpoint.deleted", id.ToString(), Before: AuditState.Of(before)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new WebhookEndpointOutcome.Done(before with { IsEnabled = false });
    }

    private async Task<IReadOnlyDictionary<string, string>> Check(
        OrgId org, WebhookEndpointChange change, CancellationToken cancellationToken)
    {
        var organisation = await organisations.Find(org, cancellationToken)
            ?? throw new InvalidOperationException($"There is no organisation {org}.");
        var check = new EndpointCheck(organisation.Mode, options.AllowsPrivateNetworks);
        if (change.Url is { } url)
        {
            check.Url(url);
        }

        if (change.Topics is { } topics)
        {
            check.Topics(topics);
        }

        check.Text("description", change.Description);
        check.Text("reason", change.Reason);
        return check.Errors;
    }

    private async Task<WebhookEndpointOutcome> Write(
        OrgId org,
        WebhookEndpointId id,
        string actor,
        string action,
        string? reason,
        Func<NpgsqlTransaction, WebhookEndpoint, Task<string?>> write,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await EndpointRows.Lock(transaction, org, id, cancellationToken) is not { } before)
        {
            return new WebhookEndpointOutcome.NoSuchEndpoint();
        }

        var secret = await write(transaction, before);
        var after = (await EndpointRows.Lock(transaction, org, id, cancellationToken))!;
        await audit.Record(
            transaction,
            new AuditEntry(
                org, actor, action, id.ToString(), reason, AuditState.Of(before), AuditState.Of(after)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return secret is null
            ? new WebhookEndpointOutcome.Done(after)
            : new WebhookEndpointOutcome.DoneWithSecret(after, secret);
    }

    private static async Task Send(NpgsqlCommand made, CancellationToken cancellationToken)
    {
        await using var command = made;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
