using Quoin.Kernel;

namespace Quoin.Payments;

/// <summary>A visit of the provider's own page.</summary>
/// <param name="Provider">Whose page.</param>
/// <param name="BillingAccountId">For whom.</param>
/// <param name="RequestId">The request; the same for every repetition with its key.</param>
/// <param name="OperationKey">Names the operation in logs and at the provider.</param>
/// <param name="PortalSession">The visit.</param>
public sealed record PortalAnswer(
    string Provider,
    BillingAccountId BillingAccountId,
    PaymentRequestId RequestId,
    string OperationKey,
    OpenedPortal PortalSession);

/// <summary>A visit that was opened.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Url">Where to go; for one visit, soon.</param>
public sealed record OpenedPortal(string Id, string Url);

/// <summary>An address anybody can pay at.</summary>
/// <param name="Provider">Who takes the money.</param>
/// <param name="BillingAccountId">For whom.</param>
/// <param name="RequestId">The request; the same for every repetition with its key.</param>
/// <param name="OperationKey">Names the operation in logs, events and at the provider.</param>
/// <param name="PaymentLink">The address.</param>
public sealed record PaymentLinkAnswer(
    string Provider,
    BillingAccountId BillingAccountId,
    PaymentRequestId RequestId,
    string OperationKey,
    MadePaymentLink PaymentLink);

/// <summary>A payment link that was made.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Url">Its address.</param>
/// <param name="Active">Whether it can be used.</param>
public sealed record MadePaymentLink(string Id, string Url, bool Active)
{
    /// <summary>The link here, to end it by; null in answers that were kept before links were.</summary>
    public PaymentLinkId? PaymentLinkId { get; init; }
}
