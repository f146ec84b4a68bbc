using Quoin.Accounts;
using Quoin.Payments.ReadBilling;

namespace Quoin.Payments;

/// <summary>The door to what a billing account can buy and what it bought.</summary>
public sealed class CustomerBilling
{
    private readonly BillingReader reader;

    internal CustomerBilling(BillingReader reader) => this.reader = reader;

    /// <summary>Public plans in the account's currency; those the provider has no price of are not sellable.</summary>
    public Task<BillingPlanList> Plans(BillingAccountProfile account, CancellationToken cancellationToken) =>
        reader.PlansOf(account, cancellationToken);

    /// <summary>The account's subscription, its newest invoices and payments.</summary>
    public Task<BillingOverview> Overview(BillingAccountProfile account, CancellationToken cancellationToken) =>
        reader.Overview(account, cancellationToken);
}
