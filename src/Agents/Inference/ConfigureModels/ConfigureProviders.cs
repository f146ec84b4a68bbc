using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Which provider.</summary>
/// <param name="Provider">Its name.</param>
internal sealed record ProviderPath(string Provider);

/// <summary>The operator's desk for providers; every change is audited and holds everywhere within a second.</summary>
internal sealed partial class ConfigureProviders(
    NpgsqlDataSource database, Secrets secrets, Routes routes, IAudit audit, IdSource ids, TimeProvider time)
{
    /// <summary><c>GET /v1/inference/providers</c>.</summary>
    public static async Task<Ok<Page<ProviderRow>>> ListEndpoint(ConfigureProviders handler, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<ProviderRow>(await handler.List(cancellationToken), null));

    /// <summary><c>PUT /v1/inference/providers/{provider}</c>.</summary>
    public static async Task<Results<Ok<ProviderRow>, Problem>> SetEndpoint(
        Parameters<ProviderPath> parameters,
        ProviderRequestBody body,
        ConfigureProviders handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var name = parameters.Value.Provider;
        if (Check(name, body).Failed(out var problem))
        {
            return problem;
        }

        var outcome = await handler.Set(name, body, mustBeNew: false, context.Caller().Actor, cancellationToken);
        return outcome is SetProviderOutcome.Done(var provider)
            ? TypedResults.Ok(provider)
            : CredentialAgain().ToProblem();
    }

    /// <summary><c>DELETE /v1/inference/providers/{provider}</c>.</summary>
    public static async Task<Results<NoContent, Problem>> RemoveEndpoint(
        Parameters<ProviderPath> parameters, ConfigureProviders handler, HttpContext context, CancellationToken cancellationToken)
    {
        var name = parameters.Value.Provider;
        return await handler.Remove(name, context.Caller().Actor, cancellationToken) switch
        {
            RemoveOutcome.Done => TypedResults.NoContent(),
            RemoveOutcome.InUse => new Problem(InferenceProblems.ProviderInUse, $"Models are deployed at '{name}'."),
            _ => new Problem(PlatformProblems.NotFound, $"There is no provider '{name}'."),
        };
    }

    /// <summary>What is wrong with a provider that is wanted.</summary>
    public static ConfigurationInput Check(string name, ProviderRequestBody body)
    {
        var input = new ConfigurationInput();
        input.That(NamePattern().IsMatch(name), "provider", "must be 1 to 63 of a-z, 0-9, '.', '_', '-', the first a letter or digit");
        input.That(
            ProviderWords.KindNames.Contains(body.Kind), "kind", $"must be one of {string.Join(", ", ProviderWords.KindNames)}");
        input.That(
            Uri.TryCreate(body.BaseUrl, UriKind.Absolute, out var url)
                && url.Scheme is "http" or "https" && url.Query.Length == 0 && url.UserInfo.Length == 0,
            "base_url",
            "must be an http or https address without user and query");
        input.That(
            body.Protocols is null || (body.Protocols.Count > 0 && body.Protocols.All(ProviderWords.ProtocolNames.Contains)),
            "protocols",
            $"must name at least one of {string.Join(", ", ProviderWords.ProtocolNames)}");
        input.Credential(body.Credential);
        input.Names("api_version", body.ApiVersion is null ? null : [body.ApiVersion]);
        input.Names("region", body.Region is null ? null : [body.Region]);
        input.Text("reason", body.Reason);
        input.Seconds("first_byte_seconds", body.FirstByteSeconds);
        input.Seconds("idle_seconds", body.IdleSeconds);
        input.Seconds("total_seconds", body.TotalSeconds);
        return input;
    }

    /// <summary>What is wrong where a key would go to another address or vendor than it was given for.</summary>
    public static ConfigurationInput CredentialAgain()
    {
        var input = new ConfigurationInput();
        input.That(
            false, "credential", "must be given again where kind or base_url changes: the one there is goes nowhere else");
        return input;
    }

    private const string ListSql = """
        select name, kind, base_url, protocols, credential is not null, first_byte_seconds, idle_seconds, total_seconds, is_enabled,
            api_version, region
        from inference.providers
        where $1::text is null or name = $1
        order by name
        """;

    /// <summary>All providers, by name.</summary>
    public async Task<IReadOnlyList<ProviderRow>> List(CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, (string?)null);
        return await Rows(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<ProviderRow>> Rows(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var rows = new List<ProviderRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new ProviderRow(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetFieldValue<string[]>(3),
                reader.GetBoolean(4),
                reader.GetInt32(5),
                reader.GetInt32(6),
                reader.GetInt32(7),
                reader.GetBoolean(8),
                reader.IsDBNull(9) ? null : reader.GetString(9),
                reader.IsDBNull(10) ? null : reader.GetString(10)));
        }

        return rows;
    }

    // Two who add a provider of the same name at once do so one after the other.
    private const string LockSql = "lock table inference.providers in share row exclusive mode";

    private const string IdSql = """
        select provider_id
        from inference.providers
        where name = $1
        """;

    private const string SetSql = """
        insert into inference.providers (
            provider_id, name, kind, base_url, protocols, credential,
            first_byte_seconds, idle_seconds, total_seconds, is_enabled, created_at, changed_at, api_version, region)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13)
        on conflict (provider_id) do update
        set kind = excluded.kind,
            base_url = excluded.base_url,
            protocols = excluded.protocols,
            credential = coalesce(excluded.credential, inference.providers.credential),
            first_byte_seconds = excluded.first_byte_seconds,
            idle_seconds = excluded.idle_seconds,
            total_seconds = excluded.total_seconds,
            is_enabled = excluded.is_enabled,
            api_version = excluded.api_version,
            region = excluded.region,
            changed_at = excluded.changed_at
        """;

    /// <summary>Adds a provider or, unless it must be new, changes it.</summary>
    public async Task<SetProviderOutcome> Set(
        string name, ProviderRequestBody body, bool mustBeNew, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var known = await Lock(transaction, name, cancellationToken);
        var before = await Find(transaction, name, cancellationToken);
        if (before is not null && mustBeNew)
        {
            return new SetProviderOutcome.AlreadyThere();
        }

        if (before is { HasCredential: true } && body.Credential is null && GoesElsewhere(before, body))
        {
            return new SetProviderOutcome.CredentialNeeded();
        }

        var id = known ?? ids.Next();
        var credential = body.Credential is { } secret
            ? secrets.Protect(Routes.CredentialPurpose, Encoding.UTF8.GetBytes(secret), id.ToByteArray())
            : null;
        await using (var command = transaction.Sql(
            SetSql,
            id,
            name,
            body.Kind,
            body.BaseUrl,
            (body.Protocols ?? ProviderWords.UsualProtocols(body.Kind)).Distinct(StringComparer.Ordinal).ToArray(),
            credential,
            body.FirstByteSeconds,
            body.IdleSeconds,
            body.TotalSeconds,
            body.IsEnabled,
            Instant.Now(time),
            body.ApiVersion,
            body.Region))
        {
            command.Parameters[5].NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        var after = (await Find(transaction, name, cancellationToken))!;
        await audit.Record(
            transaction,
            new AuditEntry(
                null, actor, "inference_provider.set", name, body.Reason, before is null ? null : Json(before), Json(after)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        routes.Forget();
        return new SetProviderOutcome.Done(after);
    }

    // Where a key goes is a matter of the address: how it is written, and a slash at its end, are not.
    private static bool GoesElsewhere(ProviderRow before, ProviderRequestBody body) =>
        before.Kind != body.Kind || AddressOf(before.BaseUrl) != AddressOf(body.BaseUrl);

    private static Uri AddressOf(string address) => new(address.TrimEnd('/'));

    private static async Task<Guid?> Lock(NpgsqlTransaction transaction, string name, CancellationToken cancellationToken)
    {
        await using (var take = transaction.Sql(LockSql))
        {
            await take.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var command = transaction.Sql(IdSql, name);
        return await command.ExecuteScalarAsync(cancellationToken) as Guid?;
    }

    private static async Task<ProviderRow?> Find(NpgsqlTransaction transaction, string name, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(ListSql, name);
        return (await Rows(command, cancellationToken)).SingleOrDefault();
    }

    private const string IsUsedSql = """
        select exists (
            select
            from inference.deployments
            where provider_id = $1)
        """;

    private const string RemoveSql = """
        delete from inference.providers
        where provider_id = $1
        """;

    /// <summary>Takes a provider away that no model is deployed at.</summary>
    public async Task<RemoveOutcome> Remove(string name, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Lock(transaction, name, cancellationToken) is not { } id)
        {
            return new RemoveOutcome.NoSuch();
        }

        await using (var isUsed = transaction.Sql(IsUsedSql, id))
        {
            if (await isUsed.ExecuteScalarAsync(cancellationToken) is true)
            {
                return new RemoveOutcome.InUse();
            }
        }

        var before = (await Find(transaction, name, cancellationToken))!;
        await using (var command = transaction.Sql(RemoveSql, id))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await audit.Record(
            transaction, new AuditEntry(null, actor, "inference_provider.removed", name, Before: Json(before)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        routes.Forget();
        return new RemoveOutcome.Done();
    }

    private static string Json(ProviderRow row) => JsonSerializer.Serialize(row, JsonConventions.Options);

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,62}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamePattern();
}

/// <summary>Every way adding or changing a provider can end.</summary>
internal abstract record SetProviderOutcome
{
    private SetProviderOutcome()
    {
    }

    /// <summary>It stands so.</summary>
    /// <param name="Provider">The provider.</param>
    public sealed record Done(ProviderRow Provider) : SetProviderOutcome;

    /// <summary>It must be new, and there is one of its name.</summary>
    public sealed record AlreadyThere : SetProviderOutcome;

    /// <summary>The key it has was given for another address or kind.</summary>
    public sealed record CredentialNeeded : SetProviderOutcome;
}

/// <summary>Every way taking something away can end.</summary>
internal abstract record RemoveOutcome
{
    private RemoveOutcome()
    {
    }

    public sealed record Done : RemoveOutcome;

    public sealed record NoSuch : RemoveOutcome;

    /// <summary>Others stand on it.</summary>
    public sealed record InUse : RemoveOutcome;
}
