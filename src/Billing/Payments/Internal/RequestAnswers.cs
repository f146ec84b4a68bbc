using System.Diagnostics;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>What a request's state is told as.</summary>
internal static class RequestAnswers
{
    private const string Pending = "It is being worked on, or the provider has not said what came of it.";

    /// <summary>Its outcome is not known yet.</summary>
    public static readonly PaymentRequestOutcome InProgress =
        new PaymentRequestOutcome.Refused(PaymentsProblems.RequestInProgress.Code, Pending, null);

    /// <summary>What a stored request is told as.</summary>
    public static PaymentRequestOutcome Of(RequestRow request) => request.Status switch
    {
        RequestStatus.Succeeded => new PaymentRequestOutcome.Answered(request.Response!, IsReplayed: true),
        RequestStatus.Pending => InProgress,
        _ => Of(request.Failure!),
    };

    public static PaymentRequestOutcome Of(RequestFailure failure) =>
        new PaymentRequestOutcome.Refused(failure.Code, failure.Reason, failure.Details);

    /// <summary>What a claim that is not the caller's is told as; null for one that is, or may be recovered.</summary>
    public static PaymentRequestOutcome? Of(ClaimOutcome claim) => claim switch
    {
        ClaimOutcome.Claimed or ClaimOutcome.Recoverable => null,
        ClaimOutcome.Succeeded(var request) => Of(request),
        ClaimOutcome.Ended(var request) => Of(request),
        ClaimOutcome.InProgress => InProgress,
        ClaimOutcome.Conflict => new PaymentRequestOutcome.Refused(
            PlatformProblems.IdempotencyConflict.Code, "The key was used with another body.", null),
        ClaimOutcome.Forgotten => new PaymentRequestOutcome.Refused(
            PaymentsProblems.CheckoutRecoveryWindowElapsed.Code, "The key was used long ago; what it made has ended.", null),
        ClaimOutcome.OtherCheckoutPending => new PaymentRequestOutcome.Refused(
            PaymentsProblems.CheckoutInProgress.Code, "Another checkout of this billing account is being made.", null),
        _ => throw new UnreachableException(),
    };
}
