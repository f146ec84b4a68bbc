using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>
/// Tells whether a billing account exists and which currency it is kept in. The ledger may not know Accounts: owners
/// are opaque to it; Server wires this to Accounts.
/// </summary>
public interface IBillingAccountCurrency
{
    /// <summary>The currency; null when the organisation has no such billing account.</summary>
    ValueTask<Currency?> Of(OrgId org, BillingAccountId billingAccount, CancellationToken cancellationToken);
}
