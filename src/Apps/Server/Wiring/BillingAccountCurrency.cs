using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Server.Wiring;

/// <summary>Lets the ledger ask Accounts for a billing account's currency without knowing Accounts.</summary>
internal sealed class BillingAccountCurrency(Organisations organisations) : IBillingAccountCurrency
{
    /// <inheritdoc />
    public async ValueTask<Currency?> Of(OrgId org, BillingAccountId billingAccount, CancellationToken cancellationToken) =>
        (await organisations.FindBillingAccount(org, billingAccount, cancellationToken))?.Currency;
}
