using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Which provider an organisation's credential is for.</summary>
/// <param name="Provider">Its name.</param>
internal sealed record OwnCredentialPath(string Provider);

/// <summary>An organisation's own key at a provider.</summary>
/// <param name="Credential">The key; kept encrypted and never shown.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record OwnCredentialBody(string Credential, string Reason)
{
    /// <summary>Without the key, which belongs in no log.</summary>
    public override string ToString() => Reason;
}

/// <summary>
/// Keys that organisations bring: calls at that provider are made with them, on every replica within a second. Their usage
/// says <c>openai/own</c> and <c>own/gpt-4o</c> where other usage says <c>openai</c> and <c>gpt-4o</c>, so that it has prices
/// of its own or none; what the provider asks for it is not the operator's to pay.
/// </summary>
internal sealed class KeepCredentials(
    NpgsqlDataSource database, Secrets secrets, Routes routes, OrgRouting orgs, IAudit audit, TimeProvider time)
{
    /// <summary><c>GET /v1/inference/credentials</c>.</summary>
    public static async Task<Ok<Page<OwnCredential>>> ListEndpoint(
        KeepCredentials handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<OwnCredential>(
            await handler.List(context.Caller().RequiredOrg, cancellationToken), null));

    /// <summary><c>PUT /v1/inference/credentials/{provider}</c>.</summary>
    public static async Task<Results<NoContent, Problem>> SetEndpoint(
        Parameters<OwnCredentialPath> parameters,
        OwnCredentialBody body,
        KeepCredentials handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (Check(body).Failed(out var problem))
        {
            return problem;
        }

        return await handler.Set(context.Caller(), parameters.Value.Provider, body, cancellationToken)
            ? TypedResults.NoContent()
            : NotFound(parameters.Value.Provider);
    }

    /// <summary><c>DELETE /v1/inference/credentials/{provider}</c>.</summary>
    public static async Task<Results<NoContent, Problem>> RemoveEndpoint(
        Parameters<OwnCredentialPath> parameters,
        KeepCredentials handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        await handler.Remove(context.Caller(), parameters.Value.Provider, cancellationToken)
            ? TypedResults.NoContent()
            : NotFound(parameters.Value.Provider);

    private static Problem NotFound(string provider) =>
        new(PlatformProblems.NotFound, $"There is no provider '{provider}' here, or no key for it.");

    /// <summary>What is wrong with a key that is brought.</summary>
    public static ConfigurationInput Check(OwnCredentialBody body)
    {
        var input = new ConfigurationInput();
        input.Credential(body.Credential ?? "");
        input.Text("reason", body.Reason);
        return input;
    }

    private const string ListSql = """
        select p.name, p.kind, c.changed_at
        from inference.own_credentials c
        join inference.providers p on p.provider_id = c.provider_id
        where c.org_id = $1
        order by p.name
        """;

    /// <summary>The providers that an organisation has keys of its own for, by name.</summary>
    public async Task<IReadOnlyList<OwnCredential>> List(OrgId org, CancellationToken cancellationToken)
    {
        var rows = new List<OwnCredential>();
        await using var command = database.Sql(ListSql, org.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new OwnCredential(
                reader.GetString(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2)));
        }

        return rows;
    }

    // The provider stays while a key for it is written.
    private const string FindSql = """
        select provider_id
        from inference.providers
        where name = $1
        for share
        """;

    private const string SetSql = """
        insert into inference.own_credentials (org_id, provider_id, credential, created_at, changed_at)
        values ($1, $2, $3, $4, $4)
        on conflict (org_id, provider_id) do update
        set credential = excluded.credential,
            changed_at = excluded.changed_at
        """;

    /// <summary>Sets a key for a provider; false where there is no such provider.</summary>
    public async Task<bool> Set(
        Caller caller, string provider, OwnCredentialBody body, CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Find(transaction, provider, cancellationToken) is not { } id)
        {
            return false;
        }

        var secret = secrets.Protect(
            OrgRouting.CredentialPurpose, Encoding.UTF8.GetBytes(body.Credential), OrgRouting.Binding(org, id));
        await using (var command = transaction.Sql(SetSql, org.Value, id, secret, Instant.Now(time)))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await Finish(
            transaction, new AuditEntry(org, caller.Actor, "inference_credential.set", provider, body.Reason), cancellationToken);
        return true;
    }

    private const string RemoveSql = """
        delete from inference.own_credentials
        where org_id = $1
            and provider_id = $2
        """;

    /// <summary>Removes a key; false where there is none.</summary>
    public async Task<bool> Remove(Caller caller, string provider, CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Find(transaction, provider, cancellationToken) is not { } id)
        {
            return false;
        }

        await using (var command = transaction.Sql(RemoveSql, org.Value, id))
        {
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                return false;
            }
        }

        await Finish(
            transaction, new AuditEntry(org, caller.Actor, "inference_credential.removed", provider), cancellationToken);
        return true;
    }

    private static async Task<Guid?> Find(
        NpgsqlTransaction transaction, string provider, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(FindSql, provider);
        return await command.ExecuteScalarAsync(cancellationToken) as Guid?;
    }

    private async Task Finish(NpgsqlTransaction transaction, AuditEntry entry, CancellationToken cancellationToken)
    {
        await audit.Record(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        routes.Forget();
        orgs.Forget(entry.Org!.Value);
    }
}
