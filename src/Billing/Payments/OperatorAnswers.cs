using Quoin.Kernel;
using Quoin.Payments.Internal;

namespace Quoin.Payments;

/// <summary>How stored news stands.</summary>
public enum WebhookState
{
    /// <summary>Stored, not looked at.</summary>
    Received,

    /// <summary>Being gone through.</summary>
    Processing,

    /// <summary>Done with. Final.</summary>
    Processed,

    /// <summary>Could not be applied; tried again.</summary>
    Failed,

    /// <summary>Given up; an operator can have it tried again.</summary>
    Dead,
}

/// <summary>How a remediation stands.</summary>
public enum RemediationStatus
{
    /// <summary>Asked for.</summary>
    Pending,

    /// <summary>Being done.</summary>
    InProgress,

    /// <summary>Done. Final.</summary>
    Succeeded,

    /// <summary>Failed; tried again.</summary>
    Failed,

    /// <summary>Given up; an operator can have it tried again, or lay it aside.</summary>
    DeadLetter,

    /// <summary>Laid aside by an operator.</summary>
    Discarded,
}

/// <summary>What is compared with the provider, each at its own cadence.</summary>
public enum ReconciliationScope
{
    /// <summary>Pending requests whose worker stopped, and news that failed.</summary>
    PendingRecent,

    /// <summary>Open checkouts past their end.</summary>
    CheckoutOpen,

    /// <summary>Checkouts that wait for what they made longer than they should.</summary>
    CheckoutCompletedPending,

    /// <summary>Holds.</summary>
    CheckoutRecoveryVerification,

    /// <summary>Subscriptions of every customer.</summary>
    SubscriptionsActive,

    /// <summary>Invoices of every customer since a month, and payments of checkouts.</summary>
    InvoicesRecent,
}

/// <summary>How a run stands.</summary>
public enum ReconciliationStatus
{
    /// <summary>Somebody works on it.</summary>
    Running,

    /// <summary>It came to its end.</summary>
    Succeeded,

    /// <summary>It broke off.</summary>
    Failed,
}

/// <summary>Stored news as the API shows it.</summary>
/// <param name="Id">The event.</param>
/// <param name="Provider">Who sent it.</param>
/// <param name="Mode">Of which mode.</param>
/// <param name="ProviderEventId">The provider's id.</param>
/// <param name="Type">The provider's word for what happened.</param>
/// <param name="ProviderCreatedAt">When it happened, as the provider says.</param>
/// <param name="ProviderObjectId">What it is about.</param>
/// <param name="ProviderCustomerId">Whom it concerns.</param>
/// <param name="State">How it stands.</param>
/// <param name="Attempts">How often it was gone through.</param>
/// <param name="DueAt">When it is tried next; null when it is not.</param>
/// <param name="ReceivedAt">When it was stored.</param>
/// <param name="FinishedAt">When it was done with.</param>
/// <param name="OrganisationId">Whose organisation; null while nobody found out.</param>
/// <param name="BillingAccountId">Whose billing account.</param>
/// <param name="OperationKey">Of which operation.</param>
/// <param name="Effect">What came of it.</param>
/// <param name="Error">Why it could not be applied.</param>
/// <param name="IsReplayable">Whether what it said is kept.</param>
public sealed record WebhookEventAnswer(
    WebhookEventId Id,
    string Provider,
    PaymentMode Mode,
    string ProviderEventId,
    string Type,
    DateTimeOffset ProviderCreatedAt,
    string? ProviderObjectId,
    string? ProviderCustomerId,
    WebhookState State,
    int Attempts,
    DateTimeOffset? DueAt,
    DateTimeOffset ReceivedAt,
    DateTimeOffset? FinishedAt,
    OrgId? OrganisationId,
    BillingAccountId? BillingAccountId,
    string? OperationKey,
    string? Effect,
    string? Error,
    bool IsReplayable)
{
    internal static WebhookEventAnswer Of(WebhookEventRow row) => new(
        row.Id,
        row.Place.Provider,
        row.Place.Mode,
        row.ProviderEvent,
        row.Type,
        row.ProviderCreatedAt,
        row.ProviderObject,
        row.ProviderCustomer,
        row.State,
        row.Attempts,
        row.DueAt,
        row.ReceivedAt,
        row.FinishedAt,
        row.Org,
        row.BillingAccount,
        row.OperationKey,
        row.Effect,
        row.Error,
        row.HasPayload && row.State is WebhookState.Failed or WebhookState.Dead);
}

/// <summary>A remediation as the API shows it.</summary>
/// <param name="Id">The remediation.</param>
/// <param name="OrganisationId">Whose organisation.</param>
/// <param name="BillingAccountId">Whose billing account.</param>
/// <param name="CanonicalSubscriptionId">The provider's subscription that stays.</param>
/// <param name="DuplicateSubscriptionId">The provider's subscription that is ended.</param>
/// <param name="Algorithm">The rules that chose.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="LastAttemptAt">When last.</param>
/// <param name="ResolvedAt">When it was done.</param>
/// <param name="Resolution">What came of it.</param>
/// <param name="Error">Why the last attempt failed.</param>
/// <param name="CreatedAt">When the duplicate was seen.</param>
public sealed record RemediationAnswer(
    RemediationId Id,
    OrgId OrganisationId,
    BillingAccountId BillingAccountId,
    string CanonicalSubscriptionId,
    string DuplicateSubscriptionId,
    string Algorithm,
    RemediationStatus Status,
    int Attempts,
    DateTimeOffset? LastAttemptAt,
    DateTimeOffset? ResolvedAt,
    string? Resolution,
    string? Error,
    DateTimeOffset CreatedAt)
{
    internal static RemediationAnswer Of(RemediationRow row) => new(
        row.Id,
        row.Org,
        row.BillingAccount,
        row.CanonicalProviderId,
        row.DuplicateProviderId,
        row.Algorithm,
        row.Status,
        row.Attempts,
        row.LastAttemptAt,
        row.ResolvedAt,
        row.Resolution,
        row.Error,
        row.CreatedAt);
}

/// <summary>A run as the API shows it.</summary>
/// <param name="Id">The run.</param>
/// <param name="Provider">Compared with whom.</param>
/// <param name="Mode">Of which mode.</param>
/// <param name="Scope">Which part.</param>
/// <param name="Status">How it stands.</param>
/// <param name="StartedBy">Who started it; <c>system</c> for its cadence.</param>
/// <param name="Runner">Which replica works, or worked, on it.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="ScannedCount">What it looked at.</param>
/// <param name="DriftCount">What did not fit.</param>
/// <param name="RepairedCount">What was repaired.</param>
/// <param name="FailedCount">What could not be compared or repaired.</param>
/// <param name="Error">Why it failed.</param>
public sealed record PaymentRunAnswer(
    PaymentReconciliationId Id,
    string Provider,
    PaymentMode Mode,
    ReconciliationScope Scope,
    ReconciliationStatus Status,
    string StartedBy,
    string Runner,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    long ScannedCount,
    long DriftCount,
    long RepairedCount,
    long FailedCount,
    string? Error)
{
    internal static PaymentRunAnswer Of(ReconciliationRunRow row) => new(
        row.Id,
        row.Place.Provider,
        row.Place.Mode,
        row.Scope,
        row.Status,
        row.StartedBy,
        row.Runner,
        row.StartedAt,
        row.FinishedAt,
        row.Scanned,
        row.Drift,
        row.Repaired,
        row.Failed,
        row.Error);
}

/// <summary>A finding as the API shows it.</summary>
/// <param name="OrganisationId">At which organisation.</param>
/// <param name="BillingAccountId">At which billing account.</param>
/// <param name="Kind">Of what.</param>
/// <param name="Subject">The provider's id of it.</param>
/// <param name="Stored">How it stood here.</param>
/// <param name="Said">How it stood at the provider.</param>
/// <param name="IsRepaired">Whether it fits now.</param>
/// <param name="Error">Why it could not be repaired.</param>
/// <param name="FoundAt">When.</param>
public sealed record PaymentFindingAnswer(
    OrgId OrganisationId,
    BillingAccountId BillingAccountId,
    string Kind,
    string Subject,
    string Stored,
    string Said,
    bool IsRepaired,
    string? Error,
    DateTimeOffset FoundAt)
{
    internal static PaymentFindingAnswer Of(ReconciliationFindingRow row) => new(
        row.Org, row.BillingAccount, row.Kind, row.Subject, row.Stored, row.Said, row.IsRepaired, row.Error, row.FoundAt);
}
