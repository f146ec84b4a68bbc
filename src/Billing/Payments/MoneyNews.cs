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
