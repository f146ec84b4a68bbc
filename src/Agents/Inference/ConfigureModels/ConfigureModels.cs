using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Which model.</summary>
/// <param name="Model">As clients name it.</param>
internal sealed record ModelQuery(string Model);

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

        return await handler.Set(body, mustBeNew: false, context.Caller().Actor, cancellationToken) is SetModelOutcome.Done(var row)
            ? TypedResults.Ok(row)
            : new Problem(InferenceProblems.InvalidModelConfiguration, "deployments name a provider that is not there.");
    }

    /// <summary><c>DELETE /v1/inference/models</c>.</summary>
    public static async Task<Results<NoContent, Problem>> RemoveEndpoint(
        Parameters<ModelQuery> parameters, ConfigureModels handler, HttpContext context, CancellationToken cancellationToken) =>
        await handler.Remove(parameters.Value.Model, context.Caller().Actor, cancellationToken)
            ? TypedResults.NoContent()
            : new Problem(PlatformProblems.NotFound, "There is no such model.");

    /// <summary>What is wrong with a model that is wanted.</summary>
    public static ConfigurationInput Check(ModelRequestBody body)
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
                CheckRouting(input, $"deployments[{index}]", one);
            }
        }

        input.That(
            body.Deployments.Any(one => one is { ShadowPercent: 0 }),
            "deployments",
            "must have one that answers, whose shadow_percent is 0");
        return input;
    }

    private static void CheckRouting(ConfigurationInput input, string member, DeploymentInput one)
    {
        input.That(one.Tier is null or (>= 0 and <= Limits.TierMax), $"{member}.tier", $"must be 0 to {Limits.TierMax}");
        input.That(one.Weight is > 0 and <= Limits.WeightMax, $"{member}.weight", $"must be 1 to {Limits.WeightMax}");
        input.That(one.ShadowPercent is >= 0 and <= 100, $"{member}.shadow_percent", "must be 0 to 100");
        input.Names($"{member}.tags", one.Tags);
        input.Names($"{member}.region", one.Region is null ? null : [one.Region]);
        input.Seconds($"{member}.first_byte_seconds", one.FirstByteSeconds ?? 1);
        input.Seconds($"{member}.total_seconds", one.TotalSeconds ?? 1);
        input.Seconds($"{member}.idle_seconds", one.IdleSeconds ?? 1);
    }

    private const string ListSql = """
        select d.model, p.name, d.provider_model, d.input_tokens_max, d.output_tokens_max, d.tier, d.weight, d.tags, d.region,
            d.first_byte_seconds, d.total_seconds, d.shadow_percent, d.idle_seconds
        from inference.deployments d
        join inference.providers p on p.provider_id = d.provider_id
        where $1::text is null or d.model = $1
        order by d.model, d.position
        """;

    /// <summary>All models, by name.</summary>
    public async Task<IReadOnlyList<ModelRow>> List(CancellationToken cancellationToken)
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
            rows.Add((reader.GetString(0), new DeploymentInput(
                reader.GetString(1),
                reader.GetString(2),
                reader.GetInt64(3),
                reader.GetInt64(4),
                reader.IsDBNull(5) ? null : reader.GetInt32(5),
                reader.GetInt32(6),
                reader.GetFieldValue<string[]>(7) is { Length: > 0 } tags ? tags : null,
                reader.IsDBNull(8) ? null : reader.GetString(8),
                reader.IsDBNull(9) ? null : reader.GetInt32(9),
                reader.IsDBNull(10) ? null : reader.GetInt32(10),
                reader.GetInt32(11),
                reader.IsDBNull(12) ? null : reader.GetInt32(12))));
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
            model, position, provider_id, provider_model, input_tokens_max, output_tokens_max, created_at,
            tier, weight, tags, region, first_byte_seconds, total_seconds, shadow_percent,
            idle_seconds)
        select
            $1, $2, provider_id, $4, $5, $6, $7, $8::integer, $9, $10, $11, $12::integer, $13::integer, $14, $15::integer
        from inference.providers
        where name = $3
        """;

    /// <summary>Offers a model or, unless it must be new, changes where it is.</summary>
    public async Task<SetModelOutcome> Set(
        ModelRequestBody body, bool mustBeNew, string actor, CancellationToken cancellationToken)
    {
        var all = body.Deployments;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var before = await Cleared(transaction, body.Model, cancellationToken);
        if (before is not null && mustBeNew)
        {
            return new SetModelOutcome.AlreadyThere();
        }

        await using (var batch = transaction.Batch())
        {
            foreach (var (position, one) in all.Index())
            {
                Insert(batch, body.Model, position, one);
            }

            if (await batch.ExecuteNonQueryAsync(cancellationToken) != all.Count)
            {
                return new SetModelOutcome.NoSuchProvider();
            }
        }

        var after = new ModelRow(body.Model, all);
        await Finish(transaction, new AuditEntry(
            null, actor, "inference_model.set", body.Model, body.Reason, Json(before), Json(after)), cancellationToken);
        return new SetModelOutcome.Done(after);
    }

    private void Insert(NpgsqlBatch batch, string model, int position, DeploymentInput one) => batch.Sql(
        InsertSql,
        model,
        position,
        one.Provider,
        one.Model,
        one.InputTokensMax,
        one.OutputTokensMax,
        Instant.Now(time),
        one.Tier,
        one.Weight,
        (one.Tags ?? []).Distinct(StringComparer.Ordinal).ToArray(),
        one.Region,
        one.FirstByteSeconds,
        one.TotalSeconds,
        one.ShadowPercent,
        one.IdleSeconds);

    /// <summary>Offers a model no more; whether it was offered.</summary>
    public async Task<bool> Remove(string model, string actor, CancellationToken cancellationToken)
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

/// <summary>Every way offering or changing a model can end.</summary>
internal abstract record SetModelOutcome
{
    private SetModelOutcome()
    {
    }

    /// <summary>It is offered so.</summary>
    /// <param name="Model">The model.</param>
    public sealed record Done(ModelRow Model) : SetModelOutcome;

    /// <summary>It must be new, and there is one of its name.</summary>
    public sealed record AlreadyThere : SetModelOutcome;

    /// <summary>A provider is not there.</summary>
    public sealed record NoSuchProvider : SetModelOutcome;
}
