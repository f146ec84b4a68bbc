using System.Diagnostics.Metrics;

namespace Quoin.Payments.Internal;

/// <summary>
/// What an operator must hear of, counted by code: <c>payments.guardrail.events</c>, and where there is a number to it,
/// <c>payments.guardrail.measurement</c>. Labels never hold ids; those are in the log line beside.
/// </summary>
internal sealed class Guardrails
{
    public const string PendingOlderThanTwoLeases = "BILLING_PENDING_CHECKOUT_IDEMPOTENCY_OLDER_THAN_2X_LEASE_TTL";
    public const string ReplayDeadlineNearing = "BILLING_PENDING_CHECKOUT_REPLAY_DEADLINE_NEARING";
    public const string ReplayDeadlineExceeded = "BILLING_PENDING_CHECKOUT_REPLAY_DEADLINE_EXCEEDED";
    public const string LeaseFenced = "BILLING_IDEMPOTENCY_LEASE_FENCED";
    public const string RequestHashMismatch = "BILLING_PROVIDER_REQUEST_HASH_MISMATCH";
    public const string BaselineDrift = "BILLING_STRIPE_SDK_API_BASELINE_DRIFT";
    public const string ProvenanceMismatch = "BILLING_CHECKOUT_REPLAY_PROVENANCE_MISMATCH";
    public const string CheckoutProviderError = "BILLING_CHECKOUT_PROVIDER_ERROR";
    public const string PortalProviderError = "BILLING_PORTAL_PROVIDER_ERROR";
    public const string PaymentLinkProviderError = "BILLING_PAYMENT_LINK_PROVIDER_ERROR";
    public const string CheckoutIndeterminate = "BILLING_CHECKOUT_INDETERMINATE_PROVIDER_OUTCOME";
    public const string PortalIndeterminate = "BILLING_PORTAL_INDETERMINATE_PROVIDER_OUTCOME";
    public const string PaymentLinkIndeterminate = "BILLING_PAYMENT_LINK_INDETERMINATE_PROVIDER_OUTCOME";
    public const string Hold = "BILLING_CHECKOUT_RECOVERY_VERIFICATION_PENDING";
    public const string RecoveryFailure = "BILLING_RECOVERY_FAILURE";
    public const string CorrelationMismatch = "BILLING_CHECKOUT_CORRELATION_MISMATCH";
    public const string WebhookProcessingFailed = "BILLING_WEBHOOK_PROCESSING_FAILED";
    public const string WebhookFailureRetry = "BILLING_WEBHOOK_FAILURE_RETRY";
    public const string WebhookReplayFailed = "BILLING_WEBHOOK_REPLAY_FAILED";
    public const string OutboxDeadLetter = "BILLING_OUTBOX_DEAD_LETTER";
    public const string OutboxLeaseFenced = "BILLING_OUTBOX_LEASE_FENCED";
    public const string RemediationLeaseFenced = "BILLING_REMEDIATION_LEASE_FENCED";
    public const string RemediationDeadLetter = "BILLING_REMEDIATION_DEAD_LETTER";
    public const string BlockingCheckoutsOverdue = "BILLING_BLOCKING_CHECKOUT_SESSIONS_OLDER_THAN_SLA";
    public const string OrphanCleanupAttempt = "BILLING_ORPHAN_CHECKOUT_SESSION_CLEANUP_ATTEMPT";
    public const string OrphanCleanupFailure = "BILLING_ORPHAN_CHECKOUT_SESSION_CLEANUP_FAILURE";
    public const string DuplicateSubscriptions = "BILLING_DUPLICATE_ACTIVE_SUBSCRIPTIONS_DETECTED";
    public const string CanonicalFallback = "BILLING_CANONICAL_SELECTION_FALLBACK";
    public const string ReconciliationLeaseFenced = "BILLING_RECONCILIATION_LEASE_FENCED";
    public const string ReconciliationDrift = "BILLING_RECONCILIATION_DRIFT_COUNT";
    public const string ReconciliationRepair = "BILLING_RECONCILIATION_REPAIR_COUNT";
    public const string ReconciliationRepairFailure = "BILLING_RECONCILIATION_REPAIR_FAILURE";
    public const string PricingInvalid = "BILLING_PRICING_CONFIGURATION_INVALID";
    public const string ProviderErrorNotNormalized = "BILLING_PROVIDER_ERROR_NOT_NORMALIZED";
    public const string MoneyMismatch = "BILLING_PAYMENT_MISMATCH";
    public const string EvidenceOverdue = "BILLING_DISPUTE_EVIDENCE_OVERDUE";
    public const string ClearingMismatch = "BILLING_CLEARING_MISMATCH";
    public const string ChangeProviderError = "BILLING_SUBSCRIPTION_CHANGE_PROVIDER_ERROR";
    public const string ChangeIndeterminate = "BILLING_SUBSCRIPTION_CHANGE_INDETERMINATE_PROVIDER_OUTCOME";

    /// <summary>The measures codes come with.</summary>
    public const string Count = "count";

    /// <inheritdoc cref="Count" />
    public const string AgeSeconds = "age_seconds";

    /// <inheritdoc cref="Count" />
    public const string AttemptCount = "attempt_count";

    private readonly Counter<long> events;
    private readonly Histogram<double> measurements;

    public Guardrails(IMeterFactory meters)
    {
        var meter = meters.Create("Quoin.Payments");
        events = meter.CreateCounter<long>("payments.guardrail.events", "{event}", "Guardrails met, by code.");
        measurements = meter.CreateHistogram<double>("payments.guardrail.measurement", null, "Numbers of guardrails.");

        // Told of at zero, so that the first of each is seen to be one more than before.
        foreach (var code in Codes)
        {
            events.Add(0, new KeyValuePair<string, object?>("code", code));
        }
    }

    /// <summary>All codes.</summary>
    public static IReadOnlyList<string> Codes { get; } =
    [
        PendingOlderThanTwoLeases, ReplayDeadlineNearing, ReplayDeadlineExceeded, LeaseFenced, RequestHashMismatch,
        BaselineDrift, ProvenanceMismatch, CheckoutProviderError, PortalProviderError, PaymentLinkProviderError,
        ChangeProviderError, CheckoutIndeterminate, PortalIndeterminate, PaymentLinkIndeterminate, ChangeIndeterminate, Hold,
        RecoveryFailure, CorrelationMismatch, WebhookProcessingFailed, WebhookFailureRetry, WebhookReplayFailed,
        OutboxDeadLetter, OutboxLeaseFenced, RemediationLeaseFenced, RemediationDeadLetter, BlockingCheckoutsOverdue,
        OrphanCleanupAttempt, OrphanCleanupFailure, DuplicateSubscriptions, CanonicalFallback, ReconciliationLeaseFenced,
        ReconciliationDrift, ReconciliationRepair, ReconciliationRepairFailure, PricingInvalid, ProviderErrorNotNormalized,
        MoneyMismatch, EvidenceOverdue, ClearingMismatch,
    ];

    /// <summary>Counts one.</summary>
    public void Met(string code) => events.Add(1, new KeyValuePair<string, object?>("code", code));

    /// <summary>Counts one that was met about a status or a failure code: a closed list, never an id.</summary>
    public void Met(string code, string about) => events.Add(1, new("code", code), new("about", about));

    /// <summary>Counts one, with its number; never negative.</summary>
    public void Met(string code, string measure, double value)
    {
        Met(code);
        measurements.Record(Math.Max(0, value), new("code", code), new("measure", measure));
    }
}
