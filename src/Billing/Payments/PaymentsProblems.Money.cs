using Quoin.Platform;

namespace Quoin.Payments;

/// <content>The ways giving back and disputing can fail.</content>
public static partial class PaymentsProblems
{
    /// <summary>There is nothing to give back.</summary>
    public static readonly ProblemCode PaymentNotRefundable = new(
        "payment_not_refundable",
        409,
        "The payment has not succeeded.",
        "Name a payment that has succeeded.");

    /// <summary>More than is left of the payment.</summary>
    public static readonly ProblemCode RefundTooLarge = new(
        "refund_too_large",
        409,
        "The refund is more than is left of the payment.",
        "Ask for at most what left says, in the payment's currency and whole minor units.");

    /// <summary>Another person must decide.</summary>
    public static readonly ProblemCode RefundSecondPersonNeeded = new(
        "refund_second_person_needed",
        409,
        "Who asked for the refund does not decide it.",
        "Have somebody else approve or reject it.");

    /// <summary>It was decided, or is elsewhere.</summary>
    public static readonly ProblemCode RefundDecided = new(
        "refund_decided",
        409,
        "The refund is not where this can be done.",
        "Read it again: it was decided, or is on its way.");
}
