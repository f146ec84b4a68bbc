using Quoin.Kernel;
using Quoin.Limiting.Internal;
using Quoin.Platform;

namespace Quoin.Limiting;

/// <summary>What a budget shall be.</summary>
/// <param name="Scope">Whose spending it bounds.</param>
/// <param name="Amount">How much; zero allows nothing.</param>
/// <param name="Window">In which span of time.</param>
/// <param name="Posture">How strictly it holds.</param>
/// <param name="ThresholdsPercent">At which shares of it, spent, it is told of; null is the usual ones.</param>
public sealed record NewBudget(
    SpendScope Scope, Money Amount, BudgetWindow Window, SpendPosture Posture, IReadOnlyList<int>? ThresholdsPercent = null);

/// <summary>What is to change of a budget; what is null stays.</summary>
/// <param name="Amount">How much, in the same currency.</param>
/// <param name="Posture">How strictly it holds.</param>
/// <param name="ThresholdsPercent">When it is told of.</param>
public sealed record BudgetChange(Money? Amount, SpendPosture? Posture, IReadOnlyList<int>? ThresholdsPercent);

/// <summary>Every way keeping a budget can end, in the order they are checked.</summary>
public abstract record BudgetOutcome
{
    private BudgetOutcome()
    {
    }

    /// <summary>The organisation has no such budget.</summary>
    public sealed record NotFound : BudgetOutcome;

    /// <summary>It was ended before; nothing changed.</summary>
    /// <param name="Budget">The budget.</param>
    public sealed record AlreadyEnded(Budget Budget) : BudgetOutcome;

    /// <summary>The scope has as many budgets as it may.</summary>
    public sealed record TooMany : BudgetOutcome;

    /// <summary>Its currency cannot change; nothing changed.</summary>
    public sealed record OtherCurrency : BudgetOutcome;

    /// <summary>It stands so.</summary>
    /// <param name="Budget">The budget.</param>
    public sealed record Kept(Budget Budget) : BudgetOutcome;
}

/// <summary>The door to budgets. A change holds for every reservation that is decided after it, on all replicas.</summary>
public sealed class Budgets
{
    private readonly KeepBudgets keeping;

    internal Budgets(KeepBudgets keeping) => this.keeping = keeping;

    /// <summary>Makes a budget.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="budget">What it shall be.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<BudgetOutcome> Create(OrgId org, NewBudget budget, string actor, CancellationToken cancellationToken) =>
        keeping.Create(org, budget, actor, IdempotentRequest.None, cancellationToken);

    /// <summary>Changes a budget; what is spent and reserved in its window stays.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="id">Which.</param>
    /// <param name="change">What.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<BudgetOutcome> Change(
        OrgId org, BudgetId id, BudgetChange change, string actor, CancellationToken cancellationToken) =>
        keeping.Change(org, id, change, actor, IdempotentRequest.None, cancellationToken);

    /// <summary>Ends a budget: it bounds nothing any more, and what it counted stays readable.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="id">Which.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<BudgetOutcome> End(OrgId org, BudgetId id, string actor, CancellationToken cancellationToken) =>
        keeping.End(org, id, actor, IdempotentRequest.None, cancellationToken);

    /// <summary>Budgets that hold, as they stand now, in the order of their ids.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="scope">Only those of this scope; null is all.</param>
    /// <param name="after">Only those after this one.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<BudgetStanding>> List(
        OrgId org, SpendScope? scope, BudgetId? after, int limit, CancellationToken cancellationToken) =>
        keeping.List(org, scope, after, limit, cancellationToken);

    /// <summary>A budget as it stands now, also one that was ended; null where the organisation has none of this id.</summary>
    public Task<BudgetStanding?> Find(OrgId org, BudgetId id, CancellationToken cancellationToken) =>
        keeping.Find(org, id, cancellationToken);
}
