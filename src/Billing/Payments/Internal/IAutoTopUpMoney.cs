namespace Quoin.Payments.Internal;

/// <summary>An automatic charge about to be made: an order of credit like one a customer makes at a checkout.</summary>
/// <param name="Charge">The charge.</param>
/// <param name="Place">The provider.</param>
/// <param name="OperationKey">By which the payment finds its order.</param>
/// <param name="AmountMinor">Minor units.</param>
/// <param name="Currency">Three letters.</param>
internal sealed record AutoTopUpOrder(
    AutoTopUpChargeId Charge, ProviderPlace Place, string OperationKey, long AmountMinor, string Currency);

/// <summary>What automatic top-ups ask of whoever keeps purchases and payments, inside the transaction they write in.</summary>
internal interface IAutoTopUpMoney
{
    /// <summary>Credit was ordered: its payment becomes a grant.</summary>
    Task Ordered(LockedAccount account, AutoTopUpOrder order, CancellationToken cancellationToken);

    /// <summary>The provider said how the payment stands.</summary>
    Task Said(
        LockedAccount account,
        ProviderPlace place,
        ProviderPayment payment,
        DateTimeOffset askedAt,
        CancellationToken cancellationToken);
}
