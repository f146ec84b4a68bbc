using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>The budgets that LiteLLM's tools keep of one key, team or user, and how their window was written.</summary>
/// <param name="Limit">The one that bounds spending, or only counts it where there is no bound; null for none.</param>
/// <param name="Soft">The one that only tells; null for none.</param>
/// <param name="Duration">How long until they begin anew, as it was written; null for never.</param>
internal sealed record KeptBudgets(BudgetId? Limit, BudgetId? Soft, string? Duration)
{
    /// <summary>None.</summary>
    public static readonly KeptBudgets None = new(null, null, null);
}

/// <summary>What a request wants of budgets: what is not said stays.</summary>
/// <param name="SaysMax">Whether it says anything of the bound.</param>
/// <param name="MaxMicros">The bound; null for none.</param>
/// <param name="SaysSoft">Whether it says anything of the soft one.</param>
/// <param name="SoftMicros">When to tell; null for never.</param>
/// <param name="SaysDuration">Whether it says anything of the window.</param>
/// <param name="Duration">The window; null for all time.</param>
internal sealed record BudgetWish(
    bool SaysMax, long? MaxMicros, bool SaysSoft, long? SoftMicros, bool SaysDuration, string? Duration)
{
    /// <summary>Reads it.</summary>
    public static BudgetWish Of(System.Text.Json.JsonElement body)
    {
        var duration = body.Name("budget_duration");
        _ = LiteLlmDuration.Window(duration);
        return new BudgetWish(
            body.Says("max_budget"),
            body.Micros("max_budget"),
            body.Says("soft_budget"),
            body.Micros("soft_budget"),
            body.Says("budget_duration"),
            duration);
    }
}

/// <summary>How the money of a key, a team or a user stands, in units of currency.</summary>
/// <param name="Spend">What was spent since its window began.</param>
/// <param name="Max">What may be spent; null for no bound.</param>
/// <param name="Soft">When it is told of; null for never.</param>
/// <param name="ResetsAt">When it begins anew; null for never.</param>
internal sealed record ScopeSpend(decimal Spend, decimal? Max, decimal? Soft, DateTimeOffset? ResetsAt);

/// <summary>
/// Keeps the budgets of keys, teams and users that LiteLLM's tools look after. Each has one that bounds its spending or, where
/// it has no bound, counts it: it is what such tools show as <c>spend</c>.
/// </summary>
internal sealed class ScopeBudgets(Budgets budgets, Organisations organisations)
{
    /// <summary>Makes budgets what a request wants; a crash on the way leaves one more, never one less.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="scope">Of what.</param>
    /// <param name="kept">What there is.</param>
    /// <param name="wish">What is wanted.</param>
    /// <param name="actor">Who wants it.</param>
    /// <param name="write">Writes down what there is then, before what is replaced ends.</param>
    /// <param name="project">The project a key belongs to, with which it is billed; null for none.</param>
    public async Task<KeptBudgets> Set(
        OrgId org,
        SpendScope scope,
        KeptBudgets kept,
        BudgetWish wish,
        string actor,
        Func<KeptBudgets, Task> write,
        ProjectId? project = null)
    {
        var (limit, soft) = (await Find(org, kept.Limit), await Find(org, kept.Soft));
        var duration = wish.SaysDuration ? wish.Duration : kept.Duration;
        var window = LiteLlmDuration.Window(duration);
        var currency = await CurrencyOf(org, project);
        var max = wish.SaysMax ? wish.MaxMicros
            : limit is { Posture: SpendPosture.Hard } ? limit.Amount.Micros : null;
        var told = wish.SaysSoft ? wish.SoftMicros : soft?.Amount.Micros;

        var wanted = new NewBudget(
            scope,
            new Money(max ?? Quoin.Limiting.Limits.BudgetMicrosMax, currency),
            window,
            max is null ? SpendPosture.Observe : SpendPosture.Hard,
            max is null ? [] : null);
        var after = new KeptBudgets(
            await Make(org, limit, wanted, actor),
            told is { } micros
                ? await Make(org, soft, new NewBudget(scope, new Money(micros, currency), window, SpendPosture.Soft, [100]), actor)
                : null,
            duration);
        await write(after);
        await EndReplaced(org, limit, after.Limit, actor);
        await EndReplaced(org, soft, after.Soft, actor);
        return after;
    }

    /// <summary>How they stand.</summary>
    public async Task<ScopeSpend> Read(OrgId org, KeptBudgets kept, CancellationToken cancellationToken)
    {
        var standing = kept.Limit is { } limit ? await budgets.Find(org, limit, cancellationToken) : null;
        var soft = kept.Soft is { } told ? await budgets.Find(org, told, cancellationToken) : null;
        return new ScopeSpend(
            Dollars.Of(standing?.SpentMicros ?? 0),
            standing is { Budget: { Posture: SpendPosture.Hard, EndedAt: null } } ? Dollars.Of(standing.Budget.Amount) : null,
            soft is { Budget.EndedAt: null } ? Dollars.Of(soft.Budget.Amount) : null,
            standing?.ResetsAt);
    }

    /// <summary>Whether anything bounds what a scope spends, whoever set it.</summary>
    public async Task<bool> AreHard(OrgId org, SpendScope scope, CancellationToken cancellationToken) =>
        (await budgets.List(org, scope, null, Limits.PolicyNamesMax, cancellationToken))
            .Any(standing => standing.Budget.Posture == SpendPosture.Hard);

    /// <summary>Ends them all: nobody spends from them any more.</summary>
    public async Task End(OrgId org, KeptBudgets kept, string actor)
    {
        foreach (var id in new[] { kept.Limit, kept.Soft }.OfType<BudgetId>())
        {
            await budgets.End(org, id, actor, CancellationToken.None);
        }
    }

    // Of the account that is billed: a budget in another bounds nothing.
    private async Task<Currency> CurrencyOf(OrgId org, ProjectId? project) =>
        (await organisations.BilledFor(org, project, CancellationToken.None))?.Currency
        ?? throw new InvalidOperationException($"{org} was let in and does not exist.");

    private async Task<Budget?> Find(OrgId org, BudgetId? id) =>
        id is { } known && await budgets.Find(org, known, CancellationToken.None) is { Budget: { EndedAt: null } budget }
            ? budget
            : null;

    private async Task<BudgetId> Make(OrgId org, Budget? there, NewBudget wanted, string actor)
    {
        var isSame = there is not null && there.Window == wanted.Window && there.Amount.Currency == wanted.Amount.Currency;
        if (isSame && there!.Amount == wanted.Amount && there.Posture == wanted.Posture)
        {
            return there.Id;
        }

        var outcome = isSame
            ? await budgets.Change(
                org,
                there!.Id,
                new BudgetChange(
                    wanted.Amount, wanted.Posture, wanted.ThresholdsPercent ?? Quoin.Limiting.Limits.ThresholdsPercent),
                actor,
                CancellationToken.None)
            : await budgets.Create(org, wanted, actor, CancellationToken.None);
        return outcome is BudgetOutcome.Kept(var kept)
            ? kept.Id
            : throw JsonMembers.Wrong($"The budget could not be kept: {outcome.GetType().Name}.");
    }

    private async Task EndReplaced(OrgId org, Budget? before, BudgetId? after, string actor)
    {
        if (before is not null && before.Id != after)
        {
            await budgets.End(org, before.Id, actor, CancellationToken.None);
        }
    }
}
