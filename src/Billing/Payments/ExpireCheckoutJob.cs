using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments;

/// <summary>Closes a checkout at the provider that nobody should pay at any more.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="BillingAccount">The billing account.</param>
/// <param name="Provider">The provider's name.</param>
/// <param name="Mode">Test or live.</param>
/// <param name="ProviderCheckout">The provider's id of the checkout.</param>
public sealed record ExpireCheckoutJob(
    OrgId Org, BillingAccountId BillingAccount, string Provider, PaymentMode Mode, string ProviderCheckout) : IJobPayload
{
    /// <inheritdoc />
    public static string JobName => "payments.expire_checkout";

    /// <summary>Names the work: asked for twice it is done once.</summary>
    public string UniqueKey =>
        $"expire_checkout_session:{Provider}/{Internal.Word.Of(Mode)}/{ProviderCheckout}";
}
