using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.BuyCredit;

namespace Quoin.Payments;

/// <summary>Credit to buy.</summary>
/// <param name="Account">Who buys.</param>
/// <param name="Amount">How much, in the account's currency; a whole number of minor units.</param>
/// <param name="SuccessPath">Where the customer comes back to after paying; a path of this installation.</param>
/// <param name="CancelPath">Where the customer comes back to after giving up.</param>
public sealed record NewTopUp(BillingAccountProfile Account, Money Amount, string SuccessPath, string CancelPath);

/// <summary>A purchase of credit, as it stands.</summary>
/// <param name="Id">The purchase.</param>
/// <param name="BillingAccountId">Who buys.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Amount">How much credit.</param>
/// <param name="AmountMinor">The same in minor units, as it is paid.</param>
/// <param name="Refunded">What was paid back of it.</param>
/// <param name="OperationKey">Names the operation in logs, events and at the provider.</param>
/// <param name="CheckoutUrl">Where to pay, while that is open.</param>
/// <param name="GrantId">The credit; null before it was paid.</param>
/// <param name="PaymentId">The payment; null before it was paid.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="PaidAt">When it was paid.</param>
public sealed record Purchase(
    PurchaseId Id,
    BillingAccountId BillingAccountId,
    PurchaseStatus Status,
    Money Amount,
    long AmountMinor,
    Money Refunded,
    string OperationKey,
    string? CheckoutUrl,
    Ledger.GrantId? GrantId,
    PaymentId? PaymentId,
    DateTimeOffset CreatedAt,
    DateTimeOffset? PaidAt);

/// <summary>The door to buying credit: a checkout whose payment becomes a grant, once.</summary>
public sealed class TopUps
{
    private readonly BuyCredit.BuyCredit buying;

    internal TopUps(BuyCredit.BuyCredit buying) => this.buying = buying;

    /// <summary>Opens a checkout for credit, or tells what became of the one with this key.</summary>
    /// <param name="request">What to buy.</param>
    /// <param name="clientKey">The client's own name of the request; 1 to 191 characters.</param>
    /// <param name="actor">Who asks, for the audit log.</param>
    /// <param name="cancellationToken">Stops it while nothing has been claimed; after that it is finished.</param>
    public Task<PaymentRequestOutcome> Open(
        NewTopUp request, string clientKey, string actor, CancellationToken cancellationToken) =>
        buying.Open(request, clientKey, actor, cancellationToken);

    /// <summary>An account's purchases, the newest first.</summary>
    public Task<IReadOnlyList<Purchase>> Newest(
        OrgId org, BillingAccountId account, PurchaseId? before, int count, CancellationToken cancellationToken) =>
        buying.Newest(org, account, before, count, cancellationToken);
}
