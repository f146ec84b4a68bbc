using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Which model.</summary>
/// <param name="Model">As clients name it.</param>
internal sealed record ModelQuery(string Model);

/// <summary>Where a model is.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Model">What the provider calls it.</param>
/// <param name="InputTokensMax">How much input it takes: its context.</param>
/// <param name="OutputTokensMax">How much output it gives at most; no call can cost more than this.</param>
internal sealed record DeploymentInput(string Provider, string Model, long InputTokensMax, long OutputTokensMax);

/// <summary>How a model is to be.</summary>
/// <param name="Model">As clients name it; an alias as well as a vendor's own name.</param>
/// <param name="Deployments">Where it is, in the order to try.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record ModelRequestBody(string Model, IReadOnlyList<DeploymentInput> Deployments, string Reason);

/// <summary>A model.</summary>
/// <param name="Model">As clients name it.</param>
/// <param name="Deployments">Where it is, in the order to try.</param>
internal sealed record ModelRow(string Model, IReadOnlyList<DeploymentInput> Deployments);

/// <summary>The operator's desk for models; every change is audited and holds everywhere within a second.</summary>
internal sealed class ConfigureModels(NpgsqlDataSource database, Routes routes, IAudit audit, TimeProvider time)
{
    /// <summary><c>GET /v1/inference/models</c>.</summary>
    public static async Task<Ok<Page<ModelRow>>> ListEndpoint(ConfigureModels handler, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<ModelRow>(await handler.List(cancellationToken), null));

    /// <summary><c>PUT /v1/inference/models</c>.</summary>
    public static async Task<Results<Ok<ModelRow>, Problem>> SetEndpoint(
        ModelRequestBody body, ConfigureModels handler, HttpContext context, CancellationToken cancellationToken)
    {
        if (Check(body).Failed(out var problem))
        {
            return problem;
        }

        return await handler.Set(body, context.Caller().Actor, cancellationToken) is { } row
            ? TypedResults.Ok(row)
            : new Problem(InferenceProblems.InvalidModelConfiguration, "deployments name a provider that is not there.");
    }

    /// <summary><c>DELETE /v1/inference/models</c>.</summary>
    public static async Task<Results<NoContent, Problem>> RemoveEndpoint(
        Parameters<ModelQuery> parameters, ConfigureModels handler, HttpContext context, CancellationToken cancellationToken) =>
        await handler.Remove(parameters.Value.Model, context.Caller().Actor, cancellationToken)
            ? TypedResults.NoContent()
            : new Problem(PlatformProblems.NotFound, "There is no such model.");

    private static ConfigurationInput Check(ModelRequestBody body)
    {
        var input = new ConfigurationInput();
        input.Text("model", body.Model);
        input.Text("reason", body.Reason);
        input.That(
            body.Deployments.Count is > 0 and <= Limits.DeploymentsOfModelMax,
            "deployments",
            $"must have 1 to {Limits.DeploymentsOfModelMax} members");
        foreach (var (index, one) in body.Deployments.Take(Limits.DeploymentsOfModelMax).Index())
        {
            input.That(one is not null, $"deployments[{index}]", "must not be null");
            if (one is not null)
            {
                input.Text($"deployments[{index}].model", one.Model);
                input.That(
                    one.InputTokensMax is > 0 and <= Limits.TokensMax,
                    $"deployments[{index}].input_tokens_max",
                    $"must be 1 to {Limits.TokensMax}");
                input.That(
                    one.OutputTokensMax is > 0 and <= Limits.TokensMax,
                    $"deployments[{index}].output_tokens_max",
                    $"must be 1 to {Limits.TokensMax}");
            }
        }

        return input;
    }

    private const string ListSql = """
        select d.model, p.name, d.provider_model, d.input_tokens_max, d.output_tokens_max
        from inference.deployments d
        join inference.providers p on p.provider_id = d.provider_id
        where $1::text is null or d.model = $1
        order by d.model, d.position
        """;

    private async Task<IReadOnlyList<ModelRow>> List(CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, (string?)null);
        return await Rows(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<ModelRow>> Rows(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var rows = new List<(string Model, DeploymentInput Deployment)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((
                reader.GetString(0),
                new DeploymentInput(reader.GetString(1), reader.GetString(2), reader.GetInt64(3), reader.GetInt64(4))));
        }

        return
        [
            .. rows.GroupBy(row => row.Model, StringComparer.Ordinal)
                .Select(model => new ModelRow(model.Key, [.. model.Select(row => row.Deployment)])),
        ];
    }

    // Two who set the same model at once do so one after the other.
    private const string LockSql = "lock table inference.deployments in share row exclusive mode";

    private const string RemoveSql = """
        delete from inference.deployments
        where model = $1
        """;

    private const string InsertSql = """
        insert into inference.deployments (
            model, position, provider_id, provider_model, input_tokens_max, output_tokens_max, created_at)
        select $1, given.position - 1, p.provider_id, given.model, given.input_max, given.output_max, $6
        from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[])
            with ordinality as given (provider, model, input_max, output_max, position)
        join inference.providers p on p.name = given.provider
        """;

    private async Task<ModelRow?> Set(ModelRequestBody body, string actor, CancellationToken cancellationToken)
    {
        var all = body.Deployments;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var before = await Cleared(transaction, body.Model, cancellationToken);
        await using (var command = transaction.Sql(
            InsertSql,
            body.Model,
            all.Select(one => one.Provider).ToArray(),
            all.Select(one => one.Model).ToArray(),
            all.Select(one => one.InputTokensMax).ToArray(),
            all.Select(one => one.OutputTokensMax).ToArray(),
            Instant.Now(time)))
        {
            if (await command.ExecuteNonQueryAsync(cancellationToken) != all.Count)
            {
                return null;
            }
        }

        var after = new ModelRow(body.Model, all);
        await Finish(transaction, new AuditEntry(
            null, actor, "inference_model.set", body.Model, body.Reason, Json(before), Json(after)), cancellationToken);
        return after;
    }

    private async Task<bool> Remove(string model, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Cleared(transaction, model, cancellationToken) is not { } before)
        {
            return false;
        }

        await Finish(
            transaction, new AuditEntry(null, actor, "inference_model.removed", model, Before: Json(before)), cancellationToken);
        return true;
    }

    private static async Task<ModelRow?> Cleared(NpgsqlTransaction transaction, string model, CancellationToken cancellationToken)
    {
        await using (var take = transaction.Sql(LockSql))
        {
            await take.ExecuteNonQueryAsync(cancellationToken);
        }

        ModelRow? before;
        await using (var find = transaction.Sql(ListSql, model))
        {
            before = (await Rows(find, cancellationToken)).SingleOrDefault();
        }

        await using var remove = transaction.Sql(RemoveSql, model);
        await remove.ExecuteNonQueryAsync(cancellationToken);
        return before;
    }

    private async Task Finish(NpgsqlTransaction transaction, AuditEntry entry, CancellationToken cancellationToken)
    {
        await audit.Record(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        routes.Forget();
    }

    private static string? Json(ModelRow? row) => row is null ? null : JsonSerializer.Serialize(row, JsonConventions.Options);
}
