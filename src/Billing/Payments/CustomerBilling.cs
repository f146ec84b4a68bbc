using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepCatalogue;
using Quoin.Payments.ReadBilling;

namespace Quoin.Payments;

/// <summary>How a dispute stands for the customer whose bank opened it.</summary>
public enum DisputeProgress
{
    /// <summary>The bank has not decided.</summary>
    Open,

    /// <summary>The bank gave the payment to the operator: it counts.</summary>
    PaymentStands,

    /// <summary>The bank gave the money back to the customer.</summary>
    MoneyReturned,

    /// <summary>It is over, and nothing was moved.</summary>
    Closed,
}

/// <summary>A dispute, as its customer sees it.</summary>
/// <param name="Id">The dispute.</param>
/// <param name="PaymentId">Of which payment.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Amount">How much.</param>
/// <param name="Reason">What the bank says.</param>
/// <param name="IsWithdrawn">Whether the bank has taken the money back for now: the credit it bought went with it.</param>
/// <param name="OpenedAt">When it was opened.</param>
/// <param name="ClosedAt">When the bank decided; null while it has not.</param>
public sealed record CustomerDispute(
    DisputeId Id,
    PaymentId PaymentId,
    DisputeProgress Status,
    Money Amount,
    string Reason,
    bool IsWithdrawn,
    DateTimeOffset OpenedAt,
    DateTimeOffset? ClosedAt)
{
    internal static CustomerDispute Of(DisputeRow row) => new(
        row.Id,
        row.Payment,
        row.Status switch
        {
            DisputeStatus.Won => DisputeProgress.PaymentStands,
            DisputeStatus.Lost => DisputeProgress.MoneyReturned,
            DisputeStatus.Closed => DisputeProgress.Closed,
            _ => DisputeProgress.Open,
        },
        MinorUnits.ToMoney(row.AmountMinor, Currency.Of(row.Currency)),
        row.Reason,
        row.IsWithdrawn && !row.IsReinstated,
        row.OpenedAt,
        row.ClosedAt);
}

/// <summary>Disputes of a billing account.</summary>
/// <param name="Data">The newest first.</param>
public sealed record CustomerDisputeList(IReadOnlyList<CustomerDispute> Data);

/// <summary>The door to what a billing account can buy and what it bought.</summary>
public sealed class CustomerBilling
{
    private readonly BillingReader reader;
    private readonly CatalogueKeeping catalogue;

    internal CustomerBilling(BillingReader reader, CatalogueKeeping catalogue) =>
        (this.reader, this.catalogue) = (reader, catalogue);

    /// <summary>Public plans in the account's currency; those the provider has no price of are not sellable.</summary>
    public Task<BillingPlanList> Plans(BillingAccountProfile account, CancellationToken cancellationToken) =>
        reader.PlansOf(account, cancellationToken);

    /// <summary>The account's subscription, its newest invoices and payments.</summary>
    public Task<BillingOverview> Overview(BillingAccountProfile account, CancellationToken cancellationToken) =>
        reader.Overview(account, cancellationToken);

    /// <summary>What payment links of the account may sell of the operator's catalogue.</summary>
    public Task<CatalogueItemList> Catalogue(BillingAccountProfile account, CancellationToken cancellationToken) =>
        catalogue.OfAccount(account, cancellationToken);

    /// <summary>The account's newest disputes.</summary>
    public Task<CustomerDisputeList> Disputes(BillingAccountProfile account, CancellationToken cancellationToken) =>
        reader.DisputesOf(account, cancellationToken);
}
