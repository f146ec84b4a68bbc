using Quoin.Accounts;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>Which virtual key.</summary>
/// <param name="Key">Its id.</param>
internal sealed record KeyPath(KeyId Key);

/// <summary>A page of virtual keys, newest first.</summary>
/// <param name="Limit">How many keys are looked at; those that call no models are left out.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record KeySearch(PageLimit Limit, Cursor<KeyId>? Cursor = null);

/// <summary>What a virtual key is held to.</summary>
/// <param name="Posture">How strictly budgets hold for it: <c>observe</c>, <c>soft</c> or <c>hard</c>.</param>
/// <param name="Models">The models it may call, as clients name them; all where left out.</param>
/// <param name="RequestsPerMinute">Calls a minute, over all replicas; no limit where left out.</param>
/// <param name="TokensPerMinute">Tokens a minute, in and out, as far as they are settled; no limit where left out.</param>
/// <param name="ParallelMax">Calls at the same time on each replica; no limit where left out.</param>
/// <param name="Tags">What its calls are marked with.</param>
/// <param name="Session">The session it is made for, whatever clients say; none where left out.</param>
/// <param name="Run">The automation run it is made for; none where left out.</param>
/// <param name="User">The user it is made for, whatever clients say; none where left out.</param>
/// <param name="RequiredTags">Tags that a deployment must have, all of them, to answer its calls; none where left out.</param>
/// <param name="Regions">Regions that a deployment must be in, one of them, to answer its calls; any where left out.</param>
/// <param name="Team">The team it belongs to, from whose budgets it spends, too; none where left out.</param>
public sealed record KeyRules(
    SpendPosture Posture = SpendPosture.Hard,
    IReadOnlyList<string>? Models = null,
    int? RequestsPerMinute = null,
    long? TokensPerMinute = null,
    int? ParallelMax = null,
    IReadOnlyList<string>? Tags = null,
    string? Session = null,
    string? Run = null,
    string? User = null,
    IReadOnlyList<string>? RequiredTags = null,
    IReadOnlyList<string>? Regions = null,
    string? Team = null)
{
    /// <summary>It as a policy.</summary>
    internal KeyPolicy ToPolicy() => new(Posture)
    {
        Models = Models,
        RequestsPerMinute = RequestsPerMinute,
        TokensPerMinute = TokensPerMinute,
        ParallelMax = ParallelMax,
        Tags = Tags ?? [],
        Session = Session,
        Run = Run,
        User = User,
        Routing = RequiredTags is null && Regions is null ? RoutingRule.None : new RoutingRule(RequiredTags ?? [], Regions ?? []),
        Team = Team,
    };

    /// <summary>What is wrong with it; null where nothing is.</summary>
    public string? FindProblem() =>
        NamesProblem("models", Models)
        ?? NamesProblem("tags", Tags)
        ?? RangeProblem("requests_per_minute", RequestsPerMinute, Limits.RequestsPerMinuteMax)
        ?? RangeProblem("tokens_per_minute", TokensPerMinute, Limits.TokensPerMinuteMax)
        ?? RangeProblem("parallel_max", ParallelMax, Limits.ParallelMax)
        ?? NamesProblem("session", Session is null ? null : [Session])
        ?? NamesProblem("run", Run is null ? null : [Run])
        ?? NamesProblem("user", User is null ? null : [User])
        ?? NamesProblem("required_tags", RequiredTags)
        ?? NamesProblem("regions", Regions)
        ?? NamesProblem("team", Team is null ? null : [Team]);

    /// <summary>A policy as it is shown.</summary>
    internal static KeyRules Of(KeyPolicy policy) => new(
        policy.Posture,
        policy.Models,
        policy.RequestsPerMinute,
        policy.TokensPerMinute,
        policy.ParallelMax,
        policy.Tags,
        policy.Session,
        policy.Run,
        policy.User,
        policy.Routing.RequiredTags is { Count: > 0 } tags ? tags : null,
        policy.Routing.Regions is { Count: > 0 } regions ? regions : null,
        policy.Team);

    private static string? NamesProblem(string member, IReadOnlyList<string>? names) =>
        names is null ? null
        : names.Count > Limits.PolicyNamesMax ? $"{member} must be at most {Limits.PolicyNamesMax}"
        : names.Select(name => InputText.Problem(name, Limits.OutsideLettersMax)).FirstOrDefault(found => found is not null)
            is { } problem ? $"{member} {problem}"
        : null;

    private static string? RangeProblem(string member, long? value, long max) =>
        value is null or > 0 && !(value > max) ? null : $"{member} must be 1 to {max}";
}

/// <summary>The budget of a virtual key.</summary>
/// <param name="Amount">How much.</param>
/// <param name="Window">In which span of time: <c>day</c>, <c>month</c>, <c>total</c>, <c>30d</c> and the like.</param>
/// <param name="Posture">How strictly it holds.</param>
public sealed record NewKeyBudget(Money Amount, string Window = "month", SpendPosture Posture = SpendPosture.Hard);

/// <summary>A virtual key to be made: a key that calls models and does nothing else.</summary>
/// <param name="Label">What it is for.</param>
/// <param name="Rules">What it is held to; to hard budgets only where left out.</param>
/// <param name="Budget">How much it may spend; as much as its organisation where left out.</param>
/// <param name="ExpiresAt">From when it is refused; never where left out.</param>
/// <param name="ProjectId">The project it is used for; none where left out.</param>
/// <param name="ServiceAccountId">The machine that owns it; none where left out.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record NewVirtualKey(
    string Label,
    KeyRules? Rules = null,
    NewKeyBudget? Budget = null,
    DateTimeOffset? ExpiresAt = null,
    ProjectId? ProjectId = null,
    ServiceAccountId? ServiceAccountId = null,
    string? Reason = null);

/// <summary>How far a budget of a virtual key is used.</summary>
/// <param name="Id">The budget, which <c>/v1/budgets</c> changes.</param>
/// <param name="Amount">How much.</param>
/// <param name="Window">In which span of time.</param>
/// <param name="Posture">How strictly it holds.</param>
/// <param name="ReservedMicros">What is set aside for calls that run, in micros.</param>
/// <param name="SpentMicros">What was spent, in micros, unrounded.</param>
/// <param name="ResetsAt">When it begins anew; null for never.</param>
public sealed record KeyBudget(
    BudgetId Id,
    Money Amount,
    string Window,
    SpendPosture Posture,
    decimal ReservedMicros,
    decimal SpentMicros,
    DateTimeOffset? ResetsAt)
{
    /// <summary>A budget as it stands.</summary>
    public static KeyBudget Of(BudgetStanding standing) => new(
        standing.Budget.Id,
        standing.Budget.Amount,
        standing.Budget.Window.ToString(),
        standing.Budget.Posture,
        standing.ReservedMicros,
        standing.SpentMicros,
        standing.ResetsAt);
}

/// <summary>A virtual key.</summary>
/// <param name="Key">The key, without its secret.</param>
/// <param name="Rules">What it is held to.</param>
/// <param name="Budgets">Its budgets; a list of keys leaves them out.</param>
/// <param name="Works">Whether it is accepted now.</param>
public sealed record VirtualKey(KeyProfile Key, KeyRules Rules, IReadOnlyList<KeyBudget>? Budgets, bool Works);

/// <summary>A new virtual key and, this once, its secret.</summary>
/// <param name="VirtualKey">The key.</param>
/// <param name="Secret">The text to send as <c>Authorization: Bearer …</c>; it cannot be shown again.</param>
internal sealed record CreatedVirtualKey(VirtualKey VirtualKey, string Secret)
{
    /// <summary>Without the secret, which belongs in no log.</summary>
    public override string ToString() => VirtualKey.ToString();
}

/// <summary>Why a key is revoked.</summary>
/// <param name="Reason">For the audit log.</param>
internal sealed record KeyRevocation(string? Reason = null);
