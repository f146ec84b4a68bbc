using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>A page of budgets that hold.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="ScopeKind">Only of scopes of this kind; together with <paramref name="ScopeId"/>.</param>
/// <param name="ScopeId">Only of this scope; together with <paramref name="ScopeKind"/>.</param>
internal sealed record BudgetPageRequest(
    PageLimit Limit, Cursor<BudgetId>? Cursor = null, string? ScopeKind = null, string? ScopeId = null);

/// <summary>Names a budget.</summary>
/// <param name="Id">The budget.</param>
internal sealed record BudgetPath(BudgetId Id);

/// <summary>Whose spending a budget bounds.</summary>
/// <param name="Kind">Such as <c>key</c>, <c>session</c>, <c>run</c>, <c>user</c>, <c>project</c> or <c>organisation</c>.</param>
/// <param name="Id">Which one; of the organisation itself its own id.</param>
internal sealed record BudgetScope(string Kind, string Id);

/// <summary>A budget to be made.</summary>
/// <param name="Amount">How much may be spent in each window; spending in other currencies is not its concern.</param>
/// <param name="Window">
/// <c>day</c>, <c>week</c>, <c>month</c>, <c>year</c>, <c>billing_period</c>, <c>total</c>, or a length from now on, again and
/// again: a number with <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>, such as <c>30d</c>.
/// </param>
/// <param name="Scope">Whose spending it bounds; left out, the organisation's.</param>
/// <param name="Posture">Whether it counts, warns, or refuses; left out, it refuses.</param>
/// <param name="ThresholdsPercent">At which shares of it, spent, it is told of; left out, 80 and 100.</param>
internal sealed record NewBudgetRequest(
    Money Amount,
    string Window,
    BudgetScope? Scope = null,
    SpendPosture Posture = SpendPosture.Hard,
    IReadOnlyList<int>? ThresholdsPercent = null);

/// <summary>What is to change of a budget; what is left out stays.</summary>
/// <param name="Amount">How much, in the same currency.</param>
/// <param name="Posture">Whether it counts, warns, or refuses.</param>
/// <param name="ThresholdsPercent">At which shares of it, spent, it is told of.</param>
internal sealed record BudgetChangeRequest(
    Money? Amount = null, SpendPosture? Posture = null, IReadOnlyList<int>? ThresholdsPercent = null);

/// <summary>A budget as the API shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Scope">Whose spending it bounds.</param>
/// <param name="Amount">How much may be spent in each window.</param>
/// <param name="Window">In which span of time.</param>
/// <param name="Posture">Whether it counts, warns, or refuses.</param>
/// <param name="ThresholdsPercent">At which shares of it, spent, it is told of.</param>
/// <param name="SpentMicros">What was spent in the current window, in micros, not rounded.</param>
/// <param name="ReservedMicros">What is set aside for what runs now, in micros.</param>
/// <param name="Left">What may still be spent, in whole micros.</param>
/// <param name="WindowStart">When the current window began; null where it is all time.</param>
/// <param name="ResetsAt">When it starts over; null where it never does.</param>
/// <param name="StartsAt">When it was made, by the organisation's clock.</param>
/// <param name="EndedAt">When it was ended; null while it holds.</param>
internal sealed record BudgetRow(
    BudgetId Id,
    BudgetScope Scope,
    Money Amount,
    string Window,
    SpendPosture Posture,
    IReadOnlyList<int> ThresholdsPercent,
    decimal SpentMicros,
    decimal ReservedMicros,
    Money Left,
    DateTimeOffset? WindowStart,
    DateTimeOffset? ResetsAt,
    DateTimeOffset StartsAt,
    DateTimeOffset? EndedAt)
{
    public static BudgetRow Of(BudgetStanding standing)
    {
        var budget = standing.Budget;
        return new BudgetRow(
            budget.Id,
            new BudgetScope(budget.Scope.Kind, budget.Scope.Id),
            budget.Amount,
            budget.Window.ToString(),
            budget.Posture,
            budget.ThresholdsPercent,
            standing.SpentMicros,
            standing.ReservedMicros,
            standing.Left,
            budget.Window.Kind == BudgetWindowKind.Total ? null : standing.Window.Start,
            standing.ResetsAt,
            budget.StartsAt,
            budget.EndedAt);
    }
}

/// <summary>The endpoints of budgets.</summary>
internal static class BudgetEndpoints
{
    /// <summary><c>GET /v1/budgets</c>.</summary>
    public static async Task<Results<Ok<Page<BudgetRow>>, Problem>> List(
        Parameters<BudgetPageRequest> parameters, KeepBudgets budgets, HttpContext context, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var input = new LimitInput();
        input.That((request.ScopeKind is null) == (request.ScopeId is null), "scope_id", "must come with scope_kind");
        if (input.Failed(out var problem))
        {
            return problem;
        }

        var scope = request.ScopeKind is null ? null : new SpendScope(request.ScopeKind, request.ScopeId!);
        var rows = await budgets.List(
            context.Caller().RequiredOrg, scope, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, row => row.Budget.Id, BudgetRow.Of));
    }

    /// <summary><c>GET /v1/budgets/{id}</c>.</summary>
    public static async Task<Results<Ok<BudgetRow>, Problem>> Show(
        Parameters<BudgetPath> path, KeepBudgets budgets, HttpContext context, CancellationToken cancellationToken) =>
        await budgets.Find(context.Caller().RequiredOrg, path.Value.Id, cancellationToken) is { } standing
            ? TypedResults.Ok(BudgetRow.Of(standing))
            : NoSuch(path.Value.Id);

    /// <summary><c>POST /v1/budgets</c>.</summary>
    public static async Task<Results<Created<BudgetRow>, Problem>> Create(
        NewBudgetRequest request, KeepBudgets budgets, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        if (Check(request, out var window).Failed(out var problem))
        {
            return problem;
        }

        var scope = request.Scope is { } named ? new SpendScope(named.Kind, named.Id) : SpendScope.Of(caller.RequiredOrg);
        var outcome = await budgets.Create(
            caller.RequiredOrg,
            new NewBudget(scope, request.Amount, window!, request.Posture, request.ThresholdsPercent),
            caller.Actor,
            context.IdempotentRequest(),
            cancellationToken);
        if (outcome is not BudgetOutcome.Kept(var budget))
        {
            return Refusal(outcome, default);
        }

        var standing = await budgets.Find(caller.RequiredOrg, budget.Id, cancellationToken);
        return TypedResults.Created($"/v1/budgets/{budget.Id}", BudgetRow.Of(standing!));
    }

    /// <summary><c>PATCH /v1/budgets/{id}</c>.</summary>
    public static async Task<Results<Ok<BudgetRow>, Problem>> Change(
        Parameters<BudgetPath> path,
        BudgetChangeRequest request,
        KeepBudgets budgets,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var input = new LimitInput();
        CheckAmount(input, request.Amount);
        CheckThresholds(input, request.ThresholdsPercent);
        if (input.Failed(out var problem))
        {
            return problem;
        }

        var caller = context.Caller();
        var outcome = await budgets.Change(
            caller.RequiredOrg,
            path.Value.Id,
            new BudgetChange(request.Amount, request.Posture, request.ThresholdsPercent),
            caller.Actor,
            context.IdempotentRequest(),
            cancellationToken);
        return await Answer(outcome, path.Value.Id, budgets, caller.RequiredOrg, cancellationToken);
    }

    /// <summary><c>DELETE /v1/budgets/{id}</c>.</summary>
    public static async Task<Results<Ok<BudgetRow>, Problem>> End(
        Parameters<BudgetPath> path, KeepBudgets budgets, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var outcome = await budgets.End(
            caller.RequiredOrg, path.Value.Id, caller.Actor, context.IdempotentRequest(), cancellationToken);
        return await Answer(outcome, path.Value.Id, budgets, caller.RequiredOrg, cancellationToken);
    }

    private static async Task<Results<Ok<BudgetRow>, Problem>> Answer(
        BudgetOutcome outcome, BudgetId id, KeepBudgets budgets, OrgId org, CancellationToken cancellationToken) =>
        outcome is BudgetOutcome.Kept
            ? TypedResults.Ok(BudgetRow.Of((await budgets.Find(org, id, cancellationToken))!))
            : Refusal(outcome, id);

    private static Problem Refusal(BudgetOutcome outcome, BudgetId id) => outcome switch
    {
        BudgetOutcome.NotFound => NoSuch(id),
        BudgetOutcome.AlreadyEnded(var budget) => new Problem(LimitsProblems.BudgetEnded, $"{id} was ended at {budget.EndedAt:O}."),
        BudgetOutcome.TooMany => new Problem(
            LimitsProblems.TooManyBudgets, $"A scope has at most {Limits.BudgetsPerScopeMax} budgets."),
        BudgetOutcome.OtherCurrency => OtherCurrency(),
        _ => throw new InvalidOperationException($"Keeping a budget ended as {outcome}."),
    };

    private static Problem OtherCurrency()
    {
        var input = new LimitInput();
        input.That(false, "amount", "must be in the budget's currency");
        return input.Failed(out var problem) ? problem : throw new InvalidOperationException();
    }

    private static Problem NoSuch(BudgetId id) => new(PlatformProblems.NotFound, $"There is no {id}.");

    private static LimitInput Check(NewBudgetRequest request, out BudgetWindow? window)
    {
        var input = new LimitInput();
        window = BudgetWindow.Parse(request.Window);
        input.That(
            window is not null,
            "window",
            "must be day, week, month, year, billing_period, total, or a length of at most ten years such as 30d, 12h, 90s");
        if (request.Scope is { } scope)
        {
            input.Text("scope.kind", scope.Kind, Limits.ScopeKindLettersMax);
            input.Text("scope.id", scope.Id, Limits.ScopeIdLettersMax);
        }

        CheckAmount(input, request.Amount);
        CheckThresholds(input, request.ThresholdsPercent);
        return input;
    }

    private static void CheckAmount(LimitInput input, Money? amount) => input.That(
        amount is null or { Micros: >= 0 and <= Limits.BudgetMicrosMax },
        "amount",
        $"must be 0 to {Limits.BudgetMicrosMax} micros");

    private static void CheckThresholds(LimitInput input, IReadOnlyList<int>? thresholds) => input.That(
        thresholds is null
            || (thresholds.Count <= Limits.ThresholdsMax
                && thresholds.All(percent => percent is > 0 and <= Limits.ThresholdPercentMax)
                && thresholds.Zip(thresholds.Skip(1)).All(pair => pair.First < pair.Second)),
        "thresholds_percent",
        $"must be at most {Limits.ThresholdsMax} numbers from 1 to {Limits.ThresholdPercentMax}, ascending");
}
