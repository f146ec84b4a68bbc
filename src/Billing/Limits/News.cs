using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Limiting;

/// <summary>An organisation reached a threshold of a limit; told once for each limit, window and threshold.</summary>
/// <param name="Code">The limit.</param>
/// <param name="ThresholdPercent">The threshold: 80 or 100.</param>
/// <param name="Used">How much was used.</param>
/// <param name="Limit">The limit.</param>
/// <param name="Enforcement">What the limit does.</param>
/// <param name="WindowStart">When the window began; null for a gauge.</param>
/// <param name="ResetsAt">When the window ends; null for a gauge.</param>
/// <param name="At">When it was reached, by the system's clock.</param>
public sealed record LimitReached(
    string Code,
    int ThresholdPercent,
    decimal Used,
    decimal Limit,
    QuotaEnforcement Enforcement,
    DateTimeOffset? WindowStart,
    DateTimeOffset? ResetsAt,
    DateTimeOffset At) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "limit.reached";
}

/// <summary>A budget's spending reached one of its thresholds; told once for each window and threshold.</summary>
/// <param name="Budget">Which budget.</param>
/// <param name="Scope">Whose spending.</param>
/// <param name="ThresholdPercent">The threshold.</param>
/// <param name="SpentMicros">How much was spent in the window, in micros, unrounded.</param>
/// <param name="Amount">The budget.</param>
/// <param name="Posture">How strictly it holds.</param>
/// <param name="WindowStart">When the window began, by the organisation's clock; null where it is all time.</param>
/// <param name="ResetsAt">When it ends, by the organisation's clock; null where it never does, or with the billing period.</param>
/// <param name="At">When it was reached, by the system's clock.</param>
public sealed record BudgetReached(
    BudgetId Budget,
    SpendScope Scope,
    int ThresholdPercent,
    decimal SpentMicros,
    Money Amount,
    SpendPosture Posture,
    DateTimeOffset? WindowStart,
    DateTimeOffset? ResetsAt,
    DateTimeOffset At) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "budget.reached";
}

/// <summary>A billing account's credit fell below its alert; told once until it was above again.</summary>
/// <param name="BillingAccount">Whose credit.</param>
/// <param name="Available">What is left.</param>
/// <param name="Threshold">Below which it is told.</param>
/// <param name="At">When it was seen, by the system's clock.</param>
public sealed record BalanceLow(
    BillingAccountId BillingAccount, Money Available, Money Threshold, DateTimeOffset At) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "balance.low";
}

/// <summary>A grant with something left will expire soon; told once for each grant.</summary>
/// <param name="BillingAccount">Whose credit.</param>
/// <param name="Grant">The grant's id.</param>
/// <param name="Remaining">What is left of it.</param>
/// <param name="ExpiresAt">Until when it may be spent, by the organisation's clock.</param>
public sealed record GrantExpiring(
    BillingAccountId BillingAccount, string Grant, Money Remaining, DateTimeOffset ExpiresAt) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "grant.expiring";
}
