using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>What becomes of calls of models that nothing prices.</summary>
public enum UnpricedPolicy
{
    /// <summary>They are refused.</summary>
    Refuse,

    /// <summary>They may be made, for nothing.</summary>
    Zero,

    /// <summary>What was said is taken back: what is said more generally holds, and where nothing is, they are refused.</summary>
    Inherit,
}

/// <summary>What becomes of calls of a model that nothing prices.</summary>
/// <param name="Policy"><c>refuse</c>, <c>zero</c> or <c>inherit</c>.</param>
/// <param name="Reason">Why, for the audit log.</param>
/// <param name="Model">The model as clients name it; all models where left out.</param>
public sealed record UnpricedModel(UnpricedPolicy Policy, string Reason, string? Model = null);

/// <summary>What somebody said of calls of a model that nothing prices.</summary>
/// <param name="Organisation">Whose calls; null for everybody's.</param>
/// <param name="Model">The model as clients name it; null for all models.</param>
/// <param name="Policy">What becomes of them.</param>
/// <param name="ChangedAt">Since when.</param>
/// <param name="Reason">Why; null where it was said before reasons were kept here.</param>
/// <param name="ChangedBy">Who said so; null as above.</param>
public sealed record UnpricedRule(
    OrgId? Organisation, string? Model, UnpricedPolicy Policy, DateTimeOffset ChangedAt, string? Reason, string? ChangedBy);

/// <summary>Says what becomes of calls of models that nothing prices, for an organisation or for all.</summary>
internal sealed class SetUnpricedModels(
    NpgsqlDataSource database, UnpricedModels unpriced, IAudit audit, TimeProvider time)
{
    /// <summary><c>GET /v1/inference/unpriced-models</c>.</summary>
    public static async Task<Ok<Page<UnpricedRule>>> ListEndpoint(
        SetUnpricedModels handler, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<UnpricedRule>(await handler.List(cancellationToken), null));

    /// <summary><c>PUT /v1/inference/unpriced-models</c>.</summary>
    public static async Task<Results<Ok<UnpricedModel>, Problem>> Endpoint(
        UnpricedModel body, SetUnpricedModels handler, HttpContext context, CancellationToken cancellationToken)
    {
        if (Check(body) is { } problem)
        {
            return new Problem(InferenceProblems.InvalidReview, problem);
        }

        var caller = context.Caller();
        await handler.Handle(caller.Org, body, caller.Actor, cancellationToken);
        return TypedResults.Ok(body);
    }

    /// <summary>What is wrong with a policy that is wanted; null where nothing is.</summary>
    public static string? Check(UnpricedModel body) =>
        InputText.Problem(body.Reason, Limits.ReasonLettersMax) is { } reason ? $"reason {reason}"
        : InputText.OptionalProblem(body.Model, Limits.OutsideLettersMax) is { } model ? $"model {model}"
        : null;

    private const string ListSql = """
        select org_id, model, policy, changed_at, reason, changed_by
        from inference.unpriced_models
        order by model, org_id
        limit $1
        """;

    /// <summary>What was said, those for all models first.</summary>
    public async Task<IReadOnlyList<UnpricedRule>> List(CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, Limits.UnpricedRulesMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rules = new List<UnpricedRule>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rules.Add(new UnpricedRule(
                reader.GetGuid(0) is var org && org == Guid.Empty ? null : new OrgId(org),
                reader.GetString(1) is { Length: > 0 } model ? model : null,
                reader.GetString(2) == UnpricedModels.Zero ? UnpricedPolicy.Zero : UnpricedPolicy.Refuse,
                reader.GetFieldValue<DateTimeOffset>(3),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5)));
        }

        return rules;
    }

    private const string WriteSql = """
        insert into inference.unpriced_models (org_id, model, policy, changed_at, reason, changed_by)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (org_id, model) do update
        set policy = excluded.policy,
            changed_at = excluded.changed_at,
            reason = excluded.reason,
            changed_by = excluded.changed_by
        """;

    private const string DeleteSql = """
        delete from inference.unpriced_models
        where org_id = $1
            and model = $2
        """;

    /// <summary>Says it, for an organisation or, where none is named, for all.</summary>
    public async Task Handle(OrgId? org, UnpricedModel policy, string actor, CancellationToken cancellationToken)
    {
        var (whose, model) = (org?.Value ?? Guid.Empty, policy.Model ?? UnpricedModels.AllModels);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var command = policy.Policy == UnpricedPolicy.Inherit
            ? transaction.Sql(DeleteSql, whose, model)
            : transaction.Sql(
                WriteSql,
                whose,
                model,
                policy.Policy == UnpricedPolicy.Zero ? UnpricedModels.Zero : UnpricedModels.Refuse,
                Instant.Now(time),
                policy.Reason,
                actor))
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
