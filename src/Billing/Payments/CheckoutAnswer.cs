using Quoin.Kernel;

namespace Quoin.Payments;

/// <summary>A checkout that was opened.</summary>
/// <param name="Provider">Who takes the money.</param>
/// <param name="BillingAccountId">For whom.</param>
/// <param name="RequestId">The request; the same for every repetition with its key.</param>
/// <param name="OperationKey">Names the operation in logs, events and at the provider.</param>
/// <param name="Flow">What the checkout is for.</param>
/// <param name="Checkout">The checkout.</param>
public sealed record CheckoutAnswer(
    string Provider,
    BillingAccountId BillingAccountId,
    PaymentRequestId RequestId,
    string OperationKey,
    CheckoutFlow Flow,
    OpenedCheckout Checkout);

/// <summary>A checkout as it stood when it was opened.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ProviderCheckoutId">The provider's id.</param>
/// <param name="Status">How it stands here.</param>
/// <param name="ProviderStatus">How it stands at the provider.</param>
/// <param name="CheckoutUrl">Where to pay; null when it is over.</param>
/// <param name="ExpiresAt">When the page ends.</param>
/// <param name="ProviderCustomerId">The provider's customer, where there is one.</param>
/// <param name="ProviderSubscriptionId">The provider's subscription, where there is one.</param>
public sealed record OpenedCheckout(
    CheckoutId Id,
    string ProviderCheckoutId,
    CheckoutStatus Status,
    ProviderCheckoutStatus ProviderStatus,
    string? CheckoutUrl,
    DateTimeOffset ExpiresAt,
    string? ProviderCustomerId,
    string? ProviderSubscriptionId);
