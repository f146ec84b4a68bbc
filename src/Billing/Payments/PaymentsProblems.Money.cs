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

    /// <summary>Customers may not ask for it.</summary>
    public static readonly ProblemCode RefundNotOffered = new(
        "refund_not_offered",
        409,
        "Customers may not ask for this payment back.",
        "Read why: only credit that is unspent may be asked back, for as long as the operator says; ask the operator else.");

    /// <summary>The credit was spent.</summary>
    public static readonly ProblemCode RefundCreditSpent = new(
        "refund_credit_spent",
        409,
        "The refund is more than is left of the credit that was bought.",
        "Ask for at most what left says: spent credit is not given back.");

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

    /// <summary>The bank has decided.</summary>
    public static readonly ProblemCode DisputeClosed = new(
        "dispute_closed",
        409,
        "The dispute is over.",
        "Nothing can be said against it any more.");

    /// <summary>Evidence is sent once.</summary>
    public static readonly ProblemCode EvidenceSubmitted = new(
        "evidence_submitted",
        409,
        "The dispute was answered.",
        "Wait for the bank; evidence is sent once and finally.");

    /// <summary>There is nothing to send.</summary>
    public static readonly ProblemCode EvidenceMissing = new(
        "evidence_missing",
        409,
        "Nothing was written against the dispute.",
        "Write an explanation first.");
}
