using System.Collections.Concurrent;
using Quoin.Kernel;

namespace Quoin.Limiting.Internal;

/// <summary>
/// Budgets as this process left them, by organisation. Others may have changed them since: what is decided upon them stands
/// only if the database finds them as they are here. An organisation's are used by one flush at a time.
/// </summary>
internal sealed class BudgetMemory
{
    private readonly ConcurrentDictionary<OrgId, OrgBudgets> known = new();

    /// <summary>What is known of an organisation's; null for nothing.</summary>
    public OrgBudgets? Of(OrgId org) => known.GetValueOrDefault(org);

    /// <summary>Believes nothing of these organisations any more.</summary>
    public void Forget(IEnumerable<OrgId> orgs)
    {
        foreach (var org in orgs)
        {
            known.TryRemove(org, out _);
        }
    }

    /// <summary>Takes over what scopes were found to have, and what became of it, once that is committed.</summary>
    /// <param name="scopes">The scopes that were looked at, each once.</param>
    /// <param name="budgets">All that these have.</param>
    public void Learn(IEnumerable<(OrgId Org, SpendScope Scope)> scopes, IReadOnlyCollection<OpenBudget> budgets)
    {
        var found = budgets.ToLookup(open => (open.Budget.Org, open.Budget.Scope));
        foreach (var scope in scopes)
        {
            if (known.Count >= Limits.OrganisationsRememberedMax)
            {
                known.Clear();
            }

            known.GetOrAdd(scope.Org, _ => new OrgBudgets()).Learn(scope.Scope, [.. found[scope]]);
        }

        foreach (var open in budgets)
        {
            open.MarkWritten();
        }
    }
}

/// <summary>What is known of an organisation's budgets.</summary>
internal sealed class OrgBudgets
{
    private readonly Dictionary<SpendScope, OpenBudget[]> byScope = [];
    private readonly Dictionary<Guid, OpenBudget> byId = [];

    /// <summary>The budgets of a scope; null where it is not known whether it has any.</summary>
    public OpenBudget[]? Of(SpendScope scope) => byScope.GetValueOrDefault(scope);

    /// <summary>A budget by its id; null where it is not known.</summary>
    public OpenBudget? Find(Guid budget) => byId.GetValueOrDefault(budget);

    public void Learn(SpendScope scope, OpenBudget[] budgets)
    {
        if (byScope.Count >= Limits.ScopesRememberedMax)
        {
            byScope.Clear();
            byId.Clear();
        }

        if (byScope.TryGetValue(scope, out var before))
        {
            foreach (var open in before)
            {
                byId.Remove(open.Budget.Id.Value);
            }
        }

        byScope[scope] = budgets;
        foreach (var open in budgets)
        {
            byId[open.Budget.Id.Value] = open;
        }
    }
}
