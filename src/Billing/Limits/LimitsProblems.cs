using Quoin.Platform;

namespace Quoin.Limiting;

/// <summary>The ways asking for limits can fail.</summary>
public static class LimitsProblems
{
    /// <summary>More would be used than the limit allows.</summary>
    public static readonly ProblemCode LimitExceeded = new(
        "limit_exceeded",
        429,
        "The limit does not allow that much.",
        "Wait until resets_at, ask for no more than remaining, or raise the limit.",
        Retry.Later);

    /// <summary>The plan does not include the feature, or the subscription ended.</summary>
    public static readonly ProblemCode FeatureDisabled = new(
        "feature_disabled",
        403,
        "The plan does not include this.",
        "Change to a plan that includes it.");

    /// <summary>The subscription is canceled.</summary>
    public static readonly ProblemCode SubscriptionCanceled = new(
        "subscription_canceled",
        403,
        "The subscription is canceled.",
        "Subscribe again.");

    /// <summary>The plan says nothing that can be counted under this code.</summary>
    public static readonly ProblemCode LimitNotConfigured = new(
        "limit_not_configured",
        409,
        "The plan has no limit of this name that can be counted.",
        "Check the code; GET /v1/limitations lists those there are. What is not known is not allowed.");

    /// <summary>The key was used for something else.</summary>
    public static readonly ProblemCode LimitKeyConflict = new(
        "limit_key_conflict",
        409,
        "The key was used for another code or amount.",
        "Use a new key for a new request.");

    /// <summary>The key's units were given back.</summary>
    public static readonly ProblemCode LimitKeyEnded = new(
        "limit_key_ended",
        409,
        "What was recorded under this key was given back.",
        "Use a new key; the state member says how this one ended.");

    /// <summary>A member of the request cannot be used.</summary>
    public static readonly ProblemCode InvalidLimitInput = new(
        "invalid_limit_input",
        422,
        "A member of the request cannot be used.",
        "Correct the members listed in errors.");

    /// <summary>The billing state does not change that way.</summary>
    public static readonly ProblemCode BillingStateRefused = new(
        "billing_state_refused",
        409,
        "The billing state cannot change that way.",
        "Trials become active, past due or canceled; active and past due change into each other or into canceled; "
            + "canceled becomes active.");

    /// <summary>No answer can be had now.</summary>
    public static readonly ProblemCode LimitsUnavailable = new(
        "limits_unavailable",
        503,
        "The limits cannot be read at the moment.",
        "Wait as long as Retry-After says and send the same request again; the key counts once.",
        Retry.Later);

    /// <summary>The budget was ended.</summary>
    public static readonly ProblemCode BudgetEnded = new(
        "budget_ended",
        409,
        "The budget was ended and cannot change.",
        "Make a new one.");

    /// <summary>The scope has as many budgets as it may.</summary>
    public static readonly ProblemCode TooManyBudgets = new(
        "too_many_budgets",
        409,
        "The scope has as many budgets as it may.",
        "Change or end one of those it has; GET /v1/budgets lists them.");
}
