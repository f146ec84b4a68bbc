using Quoin.Platform;

namespace Quoin.Payments;

/// <content>What concerns the provider's news and what operators do about it.</content>
public static partial class PaymentsProblems
{
    /// <summary>Unsigned, forged, too old or unreadable; the sender is not told which.</summary>
    public static readonly ProblemCode WebhookRefused = new(
        "webhook_refused",
        400,
        "The delivery was not taken.",
        "Providers sign deliveries with the secret of their endpoint: compare it with the one that is configured.");

    /// <summary>Too much waits to be stored.</summary>
    public static readonly ProblemCode WebhooksOverloaded = new(
        "webhooks_overloaded",
        503,
        "Too many deliveries wait to be stored.",
        "Deliver it again; providers do so by themselves.",
        Retry.Later);

    /// <summary>An event that is done with, or whose content is forgotten, is not gone through again.</summary>
    public static readonly ProblemCode WebhookNotReplayable = new(
        "webhook_not_replayable",
        409,
        "The event cannot be gone through again.",
        "Processed ones are done with; what was forgotten can only be fetched from the provider.");

    /// <summary>A remediation that is done is not started again.</summary>
    public static readonly ProblemCode RemediationNotRetryable = new(
        "remediation_not_retryable",
        409,
        "The remediation is done.",
        "Read it again: its resolution says what came of it.");

    /// <summary>Somebody else compares this scope now.</summary>
    public static readonly ProblemCode ReconciliationRunning = new(
        "active_run_exists",
        409,
        "This scope is being compared now.",
        "Wait until that run ends; GET /v1/payments/reconciliation-runs shows it.",
        Retry.Later);

    /// <summary>A checkout names other people's objects, or others than it was made for. Never answered, only told.</summary>
    public static readonly ProblemCode CorrelationMismatch = new(
        "checkout_session_correlation_mismatch",
        409,
        "The event does not belong to the checkout it names.",
        "Nothing was changed; compare the event with the checkout.");
}
