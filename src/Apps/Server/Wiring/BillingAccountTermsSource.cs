using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Server.Wiring;

/// <summary>Lets the ledger ask Accounts how a billing account's books are kept without knowing Accounts.</summary>
internal sealed class BillingAccountTermsSource(Organisations organisations) : IBillingAccountTerms
{
    /// <inheritdoc />
    public async ValueTask<BillingAccountTerms?> Of(
        OrgId org, BillingAccountId billingAccount, CancellationToken cancellationToken)
    {
        var account = await organisations.FindBillingAccount(org, billingAccount, cancellationToken);
        return account is null
            ? null
            : new BillingAccountTerms(
                account.Currency,
                account.Settlement == Settlement.Prepaid ? PaymentTerms.Prepaid : PaymentTerms.Postpaid);
    }
}
