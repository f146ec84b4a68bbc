using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// Budgets as LiteLLM's tools keep them: limits that are said once and hold for each key and customer that names them, each
/// for itself. What is refused is thrown.
/// </summary>
internal sealed class LiteLlmBudgets(
    NpgsqlDataSource database, LiteLlmKeys keys, LiteLlmTeams spenders, IAudit audit, IdSource ids, TimeProvider time)
{
    /// <summary>Makes one.</summary>
    public async Task<JsonObject> Create(OrgId org, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        body.RefuseUnkept("budget_id");
        var name = body.Name("budget_id") ?? ids.Next().ToString();
        if (await SharedBudgetRows.Find(database, org, name, cancellationToken) is not null)
        {
            throw JsonMembers.Wrong($"Budget {name} is there already.");
        }

        if ((await SharedBudgetRows.List(database, org, cancellationToken)).Count >= Limits.LiteLlmBudgetsMax)
        {
            throw JsonMembers.Wrong($"There are at most {Limits.LiteLlmBudgetsMax} budgets.");
        }

        var made = Said(body, new SharedBudget(name, caller.Actor, Instant.Now(time)));
        await Write(org, made, null, caller.Actor);
        return LiteLlmViews.Budget(made);
    }

    /// <summary>Changes what a request says of one, and holds all who name it to that.</summary>
    public async Task<JsonObject> Update(OrgId org, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        body.RefuseUnkept("budget_id");
        var before = await Find(org, body.RequiredText("budget_id"), cancellationToken);
        var after = Said(body, before) with { ChangedAt = Instant.Now(time) };
        var held = await SharedBudgetRows.Held(database, org, before.Name, cancellationToken);
        if (after.ParallelMax is not null && held.Any(one => one.Kind != CallScopes.KeyKind))
        {
            throw JsonMembers.Wrong("'max_parallel_requests' is not supported here but for keys, and customers name this budget.");
        }

        await Write(org, after, before, caller.Actor);
        var named = SharedLimits.Named(after.Name);
        foreach (var (kind, name) in await SharedBudgetRows.Held(database, org, before.Name, CancellationToken.None))
        {
            await (kind == CallScopes.KeyKind
                ? keys.HoldToShared(org, new KeyId(Guid.Parse(name)), named, caller)
                : spenders.HoldToShared(org, kind, name, named, caller));
        }

        return LiteLlmViews.Budget(after);
    }

    /// <summary>Deletes one that nobody names.</summary>
    public async Task<JsonObject> Delete(OrgId org, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        var budget = await Find(org, body.RequiredText("id"), cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await SharedBudgetRows.Delete(transaction, org, budget.Name, cancellationToken))
        {
            throw JsonMembers.Wrong($"Keys or customers name budget {budget.Name}: give them another, or none, before.");
        }

        await Record(transaction, org, null, budget, caller.Actor);
        await transaction.CommitAsync(cancellationToken);
        return LiteLlmViews.Budget(budget);
    }

    /// <summary>Some, by name.</summary>
    public async Task<JsonArray> Info(OrgId org, JsonElement body, CancellationToken cancellationToken)
    {
        var names = body.Names("budgets") ?? throw JsonMembers.Wrong("'budgets' is missing: a list of budget ids.");
        var all = await SharedBudgetRows.List(database, org, cancellationToken);
        return new JsonArray([.. all.Where(budget => names.Contains(budget.Name)).Select(LiteLlmViews.Budget)]);
    }

    /// <summary>All of them.</summary>
    public async Task<JsonArray> List(OrgId org, CancellationToken cancellationToken) =>
        new([.. (await SharedBudgetRows.List(database, org, cancellationToken)).Select(LiteLlmViews.Budget)]);

    private async Task<SharedBudget> Find(OrgId org, string name, CancellationToken cancellationToken) =>
        await SharedBudgetRows.Find(database, org, name, cancellationToken)
        ?? throw new RefusedRequestException(PlatformProblems.NotFound, $"There is no budget {name}.");

    private static SharedBudget Said(JsonElement body, SharedBudget known)
    {
        var wish = BudgetWish.Of(body);
        return known with
        {
            MaxMicros = wish.SaysMax ? wish.MaxMicros : known.MaxMicros,
            SoftMicros = wish.SaysSoft ? wish.SoftMicros : known.SoftMicros,
            Duration = wish.SaysDuration ? wish.Duration : known.Duration,
            RequestsPerMinute = body.RequestsPerMinute(known.RequestsPerMinute),
            TokensPerMinute = body.TokensPerMinute(known.TokensPerMinute),
            ParallelMax = body.ParallelMax(known.ParallelMax),
        };
    }

    private async Task Write(OrgId org, SharedBudget budget, SharedBudget? before, string actor)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await SharedBudgetRows.Write(transaction, org, budget, CancellationToken.None);
        await Record(transaction, org, budget, before, actor);
        await transaction.CommitAsync();
    }

    private async Task Record(NpgsqlTransaction transaction, OrgId org, SharedBudget? after, SharedBudget? before, string actor) =>
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor,
                $"inference_shared_budget.{(before is null ? "created" : after is null ? "deleted" : "changed")}",
                (after ?? before)!.Name,
                Before: before is null ? null : LiteLlmViews.Budget(before).ToJsonString(),
                After: after is null ? null : LiteLlmViews.Budget(after).ToJsonString()),
            CancellationToken.None);
}
