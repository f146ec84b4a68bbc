using Quoin.Payments.Stripe;
using Quoin.Platform;

namespace Quoin.Payments;

/// <summary>
/// The ways buying can fail. Codes of requests are kept with them: a repeated request is answered with the same one.
/// </summary>
public static partial class PaymentsProblems
{
    /// <summary>The request with this key is being worked on, or its outcome at the provider is not known yet.</summary>
    public static readonly ProblemCode RequestInProgress = new(
        "request_in_progress",
        409,
        "The request with this Idempotency-Key is not finished.",
        "Wait and send the same request with the same key again; a new key could make a second payment.",
        Retry.Later);

    /// <summary>Another key's checkout of this account is pending.</summary>
    public static readonly ProblemCode CheckoutInProgress = new(
        "checkout_in_progress",
        409,
        "Another checkout of this billing account is being made.",
        "Wait until it is finished, or repeat that one with its own key.",
        Retry.Later);

    /// <summary>An open checkout is in the way.</summary>
    public static readonly ProblemCode CheckoutSessionOpen = new(
        "checkout_session_open",
        409,
        "A checkout of this billing account is open.",
        "Pay at the address in checkout_url, or wait until it ends.");

    /// <summary>A checkout was paid and its subscription is on its way.</summary>
    public static readonly ProblemCode CheckoutCompletionPending = new(
        "checkout_completion_pending",
        409,
        "A checkout was finished; its subscription is on its way.",
        "Wait some minutes; the subscription appears by itself.",
        Retry.Later);

    /// <summary>Nobody knows yet whether an earlier checkout can still be paid.</summary>
    public static readonly ProblemCode CheckoutRecoveryVerificationPending = new(
        "checkout_recovery_verification_pending",
        409,
        "Whether an earlier checkout can still be paid is being found out.",
        "Wait until it is known, at most a day; an operator can release it.",
        Retry.Later);

    /// <summary>There is no such plan to buy.</summary>
    public static readonly ProblemCode CheckoutPlanNotFound = new(
        "checkout_plan_not_found",
        404,
        "There is no such plan to buy.",
        "Choose one that GET /v1/billing/plans lists.");

    /// <summary>What is asked for cannot be sold as the installation is configured.</summary>
    public static readonly ProblemCode CheckoutConfigurationInvalid = new(
        "checkout_configuration_invalid",
        409,
        "This cannot be sold as the installation is configured.",
        "Tell the operator: prices of the plan at the provider are missing or do not fit.");

    /// <summary>The account has a subscription.</summary>
    public static readonly ProblemCode SubscriptionExists = new(
        "subscription_exists_use_portal",
        409,
        "The billing account has a subscription.",
        "Change it instead of buying another one.");

    /// <summary>The provider's page needs a subscription.</summary>
    public static readonly ProblemCode PortalSubscriptionRequired = new(
        "portal_subscription_required",
        409,
        "The billing account has no subscription to look after.",
        "Buy a plan first.");

    /// <summary>The outcome at the provider was not learnt while asking was safe, or came too late.</summary>
    public static readonly ProblemCode CheckoutRecoveryWindowElapsed = new(
        "checkout_recovery_window_elapsed",
        409,
        "The checkout ended before it could be finished.",
        "Start a new one with a new key.");

    /// <summary>Another release made the request; repeating it could mean something else.</summary>
    public static readonly ProblemCode CheckoutReplayProvenanceMismatch = new(
        "checkout_replay_provenance_mismatch",
        409,
        "The request was made by another release and cannot be repeated.",
        "Start a new one with a new key once the earlier checkout is known to have ended.");

    /// <summary>The provider refused.</summary>
    public static readonly ProblemCode CheckoutProviderError = new(
        "checkout_provider_error",
        502,
        "The payment provider refused the request.",
        "Try again with a new key; tell the operator if it stays.");

    /// <summary>No provider is configured for this organisation's mode.</summary>
    public static readonly ProblemCode PaymentsNotConfigured = new(
        "payment_provider_not_configured",
        503,
        "No payment provider is configured for organisations of this mode.",
        StripeAccounts.HowToConfigure,
        Retry.Later);

    /// <summary>A write that needs a key came without one.</summary>
    public static readonly ProblemCode IdempotencyKeyRequired = new(
        "idempotency_key_required",
        400,
        "The header Idempotency-Key is required.",
        "Send an Idempotency-Key of 1 to 191 characters: a new one for each purchase, the same one to repeat it.");

    /// <summary>What was sent cannot be worked with.</summary>
    public static readonly ProblemCode InvalidPaymentInput = new(
        "invalid_payment_input",
        400,
        "The request has values that cannot be worked with.",
        "Correct what errors name.");

    /// <summary>A checkout cannot go where an operator wants it.</summary>
    public static readonly ProblemCode CheckoutTransitionInvalid = new(
        "checkout_session_transition_invalid",
        409,
        "The checkout cannot be moved to that status.",
        "Read it again: it has moved meanwhile, or is final.");

    private static readonly Dictionary<string, ProblemCode> Persisted = new ProblemCode[]
    {
        RequestInProgress, CheckoutInProgress, CheckoutSessionOpen, CheckoutCompletionPending,
        CheckoutRecoveryVerificationPending, CheckoutPlanNotFound, CheckoutConfigurationInvalid, SubscriptionExists,
        PortalSubscriptionRequired, CheckoutRecoveryWindowElapsed, CheckoutReplayProvenanceMismatch, CheckoutProviderError,
        PlatformProblems.IdempotencyConflict,
    }.ToDictionary(problem => problem.Code, StringComparer.Ordinal);

    /// <summary>Every code a request may be kept with or refused by.</summary>
    public static IReadOnlyCollection<ProblemCode> OfRequests => Persisted.Values;

    /// <summary>The problem of a code a request was kept with; one of another release is a plain conflict.</summary>
    public static ProblemCode OfRequest(string code) => Persisted.TryGetValue(code, out var problem)
        ? problem
        : new ProblemCode(code, 409, "The request failed.", "Start a new one with a new key.");
}
