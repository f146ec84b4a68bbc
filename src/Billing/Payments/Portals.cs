using Quoin.Accounts;
using Quoin.Payments.OpenPortal;

namespace Quoin.Payments;

/// <summary>The door to the provider's own page for a customer's methods and invoices.</summary>
public sealed class Portals
{
    private readonly OpenPortalSession opening;

    internal Portals(OpenPortalSession opening) => this.opening = opening;

    /// <summary>Opens a visit, or tells what became of the one with this key.</summary>
    /// <param name="account">Whose; it needs a subscription.</param>
    /// <param name="returnPath">Where the customer comes back to; a path of this installation.</param>
    /// <param name="clientKey">The client's own name of the request; 1 to 191 characters.</param>
    /// <param name="actor">Who asks, for the audit log.</param>
    /// <param name="cancellationToken">Stops it while nothing has been claimed; after that it is finished.</param>
    public Task<PaymentRequestOutcome> Open(
        BillingAccountProfile account,
        string returnPath,
        string clientKey,
        string actor,
        CancellationToken cancellationToken) =>
        opening.Handle(account, returnPath, clientKey, actor, cancellationToken);
}
