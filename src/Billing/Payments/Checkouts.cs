using Quoin.Accounts;
using Quoin.Payments.StartCheckout;

namespace Quoin.Payments;

/// <summary>Something sold once that has no price at the provider.</summary>
/// <param name="Name">What the customer reads; 1 to 160 letters.</param>
/// <param name="AmountMinor">Minor units of the currency for one; 1 to 99,999,999.</param>
/// <param name="Quantity">How many; 1 to 10,000.</param>
/// <param name="Currency">Left out, the billing account's; no other.</param>
public sealed record OneOffItem(string Name, long AmountMinor, int Quantity = 1, string? Currency = null);

/// <summary>A checkout to open.</summary>
/// <param name="Account">Who buys.</param>
/// <param name="Flow">What for.</param>
/// <param name="Plan">The plan's short name; for a subscription, and for nothing else.</param>
/// <param name="OneOff">What is paid once; for one payment, and for nothing else.</param>
/// <param name="SuccessPath">Where the customer comes back to after paying; a path of this installation.</param>
/// <param name="CancelPath">Where the customer comes back to after giving up.</param>
public sealed record NewCheckout(
    BillingAccountProfile Account,
    CheckoutFlow Flow,
    string? Plan,
    OneOffItem? OneOff,
    string SuccessPath,
    string CancelPath);

/// <summary>
/// The door to checkouts. One request is one key: repeated, it never makes a second checkout, whatever was lost between.
/// </summary>
public sealed class Checkouts
{
    private readonly OpenCheckout opening;

    internal Checkouts(OpenCheckout opening) => this.opening = opening;

    /// <summary>Opens a checkout, or tells what became of the one with this key.</summary>
    /// <param name="request">What for.</param>
    /// <param name="clientKey">The client's own name of the request; 1 to 191 characters.</param>
    /// <param name="actor">Who asks, for the audit log.</param>
    /// <param name="cancellationToken">Stops it while nothing has been claimed; after that it is finished.</param>
    public Task<PaymentRequestOutcome> Open(
        NewCheckout request, string clientKey, string actor, CancellationToken cancellationToken) =>
        opening.Handle(request, clientKey, actor, cancellationToken);
}
