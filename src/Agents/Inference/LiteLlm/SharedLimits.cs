using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>What a request wants whose limits are those of a shared budget.</summary>
internal static class SharedLimits
{
    private static readonly string[] Money = ["max_budget", "soft_budget", "budget_duration"];

    /// <summary>The request as if it said the limits itself, and the name of the budget that does; null for none.</summary>
    /// <param name="database">The database.</param>
    /// <param name="org">Whose budgets.</param>
    /// <param name="body">The request.</param>
    /// <param name="known">The budget that held until now; null for none.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="RefusedRequestException">There is no such budget, or it and the request say different things.</exception>
    public static async Task<(JsonElement Body, string? Name)> Over(
        NpgsqlDataSource database, OrgId org, JsonElement body, string? known, CancellationToken cancellationToken)
    {
        if (!body.Says("budget_id"))
        {
            return known is null || !Array.Exists(Money, member => body.Says(member))
                ? (body, known)
                : throw JsonMembers.Wrong($"Budget '{known}' says what may be spent: change it, or give an empty 'budget_id'.");
        }

        if (body.Name("budget_id") is not { } name)
        {
            return (known is null ? body : Written(body, new SharedBudget("", "", default)), null);
        }

        return await SharedBudgetRows.Find(database, org, name, cancellationToken) is not { } budget
                ? throw new RefusedRequestException(PlatformProblems.NotFound, $"There is no budget {name}.")
            : name != known && (await SharedBudgetRows.Held(database, org, name, cancellationToken)).Count >= Limits.LiteLlmHoldersMax
                ? throw JsonMembers.Wrong($"At most {Limits.LiteLlmHoldersMax} keys and customers name one budget: make another.")
            : Array.Exists(Money, member => body.Member(member) is not null)
                ? throw JsonMembers.Wrong($"'budget_id' says what may be spent; leave out {string.Join(", ", Money)}.")
            : (Written(body, budget), name);
    }

    /// <summary>A request that says which budget it is, and nothing else.</summary>
    public static JsonElement Named(string budget) =>
        JsonSerializer.SerializeToElement(new JsonObject { ["budget_id"] = budget });

    private static JsonElement Written(JsonElement body, SharedBudget budget)
    {
        var written = JsonObject.Create(body)!;
        var limits = LiteLlmViews.Budget(budget);
        foreach (var member in Money.Concat(["tpm_limit", "rpm_limit", "max_parallel_requests"]))
        {
            if (body.Member(member) is null)
            {
                written[member] = limits[member]?.DeepClone();
            }
        }

        return JsonSerializer.SerializeToElement(written);
    }
}
