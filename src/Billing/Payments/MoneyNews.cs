using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments;

/// <summary>A refund was asked for, decided, sent, done or failed.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Refund">Which.</param>
/// <param name="Payment">Of which payment.</param>
/// <param name="Status">How it stands.</param>
/// <param name="AmountMinor">How much, in minor units.</param>
/// <param name="Currency">Of which currency.</param>
/// <param name="At">When.</param>
public sealed record RefundChanged(
    BillingAccountId BillingAccount,
    RefundId Refund,
    PaymentId Payment,
    RefundStatus Status,
    long AmountMinor,
    Currency Currency,
    DateTimeOffset At) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "payments.refund_changed";
}

/// <summary>A customer's bank calls a payment into question.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Dispute">Which dispute.</param>
/// <param name="Payment">Of which payment.</param>
/// <param name="AmountMinor">How much, in minor units.</param>
/// <param name="Currency">Of which currency.</param>
/// <param name="Reason">What the bank says.</param>
/// <param name="EvidenceDueAt">Until when it may be answered; null unknown.</param>
/// <param name="At">When.</param>
public sealed record DisputeOpened(
    BillingAccountId BillingAccount,
    DisputeId Dispute,
    PaymentId Payment,
    long AmountMinor,
    Currency Currency,
    string Reason,
    DateTimeOffset? EvidenceDueAt,
    DateTimeOffset At) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "payments.dispute_opened";
}

/// <summary>A dispute goes on.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Dispute">Which dispute.</param>
/// <param name="Status">How it stands.</param>
/// <param name="IsWithdrawn">Whether the money was taken.</param>
/// <param name="IsReinstated">Whether it was given back.</param>
/// <param name="At">When.</param>
public sealed record DisputeChanged(
    BillingAccountId BillingAccount,
    DisputeId Dispute,
    DisputeStatus Status,
    bool IsWithdrawn,
    bool IsReinstated,
    DateTimeOffset At) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "payments.dispute_changed";
}

/// <summary>The time to answer a dispute is nearly over, or over.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Dispute">Which dispute.</param>
/// <param name="EvidenceDueAt">Until when it may be answered.</param>
/// <param name="IsOverdue">Whether that is over.</param>
/// <param name="At">When.</param>
public sealed record DisputeEvidenceDue(
    BillingAccountId BillingAccount, DisputeId Dispute, DateTimeOffset EvidenceDueAt, bool IsOverdue, DateTimeOffset At)
    : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "payments.dispute_evidence_due";
}
