using Quoin.Kernel;

namespace Quoin.Limiting.Internal;

/// <summary>
/// Decides reservations one after the other on budgets that are locked: pure. It is told what stands, and afterwards says
/// what changed.
/// </summary>
internal sealed class SpendBook
{
    private readonly Dictionary<(OrgId Org, Guid Budget), OpenBudget> budgets = [];
    private readonly Dictionary<(OrgId Org, SpendScope Scope, Currency Currency), List<OpenBudget>> byScope = [];

    /// <summary>The budgets that are locked.</summary>
    public IReadOnlyCollection<OpenBudget> Budgets => budgets.Values;

    /// <summary>Forgets all; rows are about to be read again.</summary>
    public void Clear()
    {
        budgets.Clear();
        byScope.Clear();
    }

    /// <summary>A locked budget; nothing where it is here.</summary>
    public void Open(OpenBudget open)
    {
        var budget = open.Budget;
        if (!budgets.TryAdd((budget.Org, budget.Id.Value), open))
        {
            return;
        }

        var key = (budget.Org, budget.Scope, budget.Amount.Currency);
        if (!byScope.TryGetValue(key, out var list))
        {
            byScope.Add(key, list = []);
        }

        list.Add(open);
    }

    /// <summary>A locked budget by its id; null where it is not here.</summary>
    public OpenBudget? Find(OrgId org, Guid budget) => budgets.GetValueOrDefault((org, budget));

    /// <summary>
    /// How much of a request can be reserved, and reserves it on its budgets; null where it is refused. Either way the
    /// work holds the outcome, to which the hold is still to be added.
    /// </summary>
    /// <param name="work">The request.</param>
    /// <param name="available">What there is of the money; null is without limit.</param>
    public Money? Reserve(ReserveWork work, Money? available)
    {
        work.Budgets = [.. work.Scopes.SelectMany(scope => BudgetsOf(work, scope))];
        var amount = work.Request.Most;
        foreach (var open in work.Budgets)
        {
            if (PostureOf(work, open) is var posture && (posture == SpendPosture.Hard || (work.IsAhead && posture == SpendPosture.Soft)))
            {
                var standing = open.StandingAt(work.Now, work.BillingPeriod);
                var left = ShareOf(work, standing.Left);
                if (left.Micros < work.LeastMicros)
                {
                    work.Outcome = new SpendOutcome.BudgetExceeded(standing, standing.Left);
                    return null;
                }

                amount = Smaller(amount, left);
            }
        }

        if (available is { } money)
        {
            var left = ShareOf(work, money);
            if (left.Micros < work.LeastMicros)
            {
                work.Outcome = new SpendOutcome.InsufficientFunds(money);
                return null;
            }

            amount = Smaller(amount, left);
        }

        work.Outcome = Reserved(work, amount, available - amount);
        return amount;
    }

    private static SpendOutcome.Reserved Reserved(ReserveWork work, Money amount, Money? balance)
    {
        var standings = new BudgetStanding[work.Budgets.Count];
        var warnings = new List<SpendWarning>();
        foreach (var (index, open) in work.Budgets.Index())
        {
            var left = open.StandingAt(work.Now, work.BillingPeriod).Left;
            open.Reserve(work.Now, work.BillingPeriod, amount.Micros);
            standings[index] = open.StandingAt(work.Now, work.BillingPeriod);
            if (amount > left && PostureOf(work, open) == SpendPosture.Soft)
            {
                warnings.Add(new SpendWarning(standings[index], left));
            }
        }

        return new SpendOutcome.Reserved(amount, string.Empty, balance, standings, warnings);
    }

    private IReadOnlyList<OpenBudget> BudgetsOf(ReserveWork work, SpendScope scope) =>
        byScope.TryGetValue((work.Org, scope, work.Request.Most.Currency), out var found) ? found : [];

    private static SpendPosture PostureOf(ReserveWork work, OpenBudget open) =>
        (SpendPosture)Math.Min((int)work.Request.Posture, (int)open.Budget.Posture);

    private static Money ShareOf(ReserveWork work, Money left) =>
        work.IsAhead ? left with { Micros = left.Micros / Limits.AllowanceShare } : left;

    private static Money Smaller(Money one, Money other) => one < other ? one : other;
}
