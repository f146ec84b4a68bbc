using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>What becomes of calls of models that nothing prices.</summary>
internal enum UnpricedPolicy
{
    /// <summary>They are refused.</summary>
    Refuse,

    /// <summary>They may be made, for nothing.</summary>
    Zero,
}

/// <summary>What becomes of calls of a model that nothing prices.</summary>
/// <param name="Policy"><c>refuse</c> or <c>zero</c>.</param>
/// <param name="Reason">Why, for the audit log.</param>
/// <param name="Model">The model as clients name it; all models where left out.</param>
internal sealed record UnpricedModel(UnpricedPolicy Policy, string Reason, string? Model = null);

/// <summary>Says what becomes of calls of models that nothing prices, for an organisation or for all.</summary>
internal sealed class SetUnpricedModels(
    NpgsqlDataSource database, UnpricedModels unpriced, IAudit audit, TimeProvider time)
{
    /// <summary><c>PUT /v1/inference/unpriced-models</c>.</summary>
    public static async Task<Results<Ok<UnpricedModel>, Problem>> Endpoint(
        UnpricedModel body, SetUnpricedModels handler, HttpContext context, CancellationToken cancellationToken)
    {
        var problem = InputText.Problem(body.Reason, Limits.ReasonLettersMax) is { } reason ? $"reason {reason}"
            : InputText.OptionalProblem(body.Model, Limits.OutsideLettersMax) is { } model ? $"model {model}"
            : null;
        if (problem is not null)
        {
            return new Problem(InferenceProblems.InvalidReview, problem);
        }

        var caller = context.Caller();
        await handler.Handle(caller.Org, body, caller.Actor, cancellationToken);
        return TypedResults.Ok(body);
    }

    private const string WriteSql = """
        insert into inference.unpriced_models (org_id, model, policy, changed_at)
        values ($1, $2, $3, $4)
        on conflict (org_id, model) do update
        set policy = excluded.policy,
            changed_at = excluded.changed_at
        """;

    private async Task Handle(OrgId? org, UnpricedModel policy, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var command = transaction.Sql(
            WriteSql,
            org?.Value ?? Guid.Empty,
            policy.Model ?? UnpricedModels.AllModels,
            policy.Policy == UnpricedPolicy.Zero ? UnpricedModels.Zero : UnpricedModels.Refuse,
            Instant.Now(time)))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor,
                "inference_unpriced_models.set",
                policy.Model ?? "all models",
                policy.Reason,
                After: AuditState.Of(policy)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        unpriced.Forget();
    }
}
