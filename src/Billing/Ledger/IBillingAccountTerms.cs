using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>
/// Tells whether a billing account exists and how its books are kept. The ledger may not know Accounts: owners are
/// opaque to it; Server wires this to Accounts.
/// </summary>
public interface IBillingAccountTerms
{
    /// <summary>How its books are kept; null when the organisation has no such billing account.</summary>
    ValueTask<BillingAccountTerms?> Of(OrgId org, BillingAccountId billingAccount, CancellationToken cancellationToken);
}

/// <summary>How a billing account's books are kept.</summary>
/// <param name="Currency">In which currency.</param>
/// <param name="Terms">When its customer pays.</param>
public sealed record BillingAccountTerms(Currency Currency, PaymentTerms Terms);
