using Quoin.Kernel;
using Quoin.Payments.Internal;

namespace Quoin.Payments.TopUpByItself;

/// <summary>
/// Puts what the provider answered to an automatic charge where its news goes too: whichever comes first is written, the
/// other changes nothing.
/// </summary>
internal sealed class AutoTopUpMoney(ProjectPayment payments, PurchaseStore purchases, IdSource ids) : IAutoTopUpMoney
{
    public Task Ordered(LockedAccount account, AutoTopUpOrder order, CancellationToken cancellationToken) =>
        purchases.Insert(
            account,
            new PurchaseRow
            {
                Org = account.Org,
                Id = ids.Next<PurchaseId>(),
                BillingAccount = account.BillingAccount,
                OperationKey = order.OperationKey,
                Place = order.Place,
                AmountMinor = order.AmountMinor,
                Currency = order.Currency,
                Status = PurchaseStatus.Pending,
            },
            cancellationToken);

    public Task Said(
        LockedAccount account,
        ProviderPlace place,
        ProviderPayment payment,
        DateTimeOffset askedAt,
        CancellationToken cancellationToken) =>
        payments.Apply(account, place, payment, NewsSource.Answer(askedAt), cancellationToken);
}
