using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>Tells that a customer went through a checkout: once, by whichever news came first.</summary>
internal sealed class TellCheckouts(Outbox outbox)
{
    /// <summary>Tells it, in the transaction that moves the checkout.</summary>
    public Task Completed(
        LockedAccount account,
        CheckoutRow checkout,
        IReadOnlyDictionary<string, string> metadata,
        CancellationToken cancellationToken)
    {
        var news = new CheckoutCompleted(
            account.BillingAccount,
            checkout.Id,
            checkout.Flow,
            checkout.Status,
            metadata.GetValueOrDefault(ProviderMetadata.Purpose),
            account.Now);
        return outbox.Publish(
            account.Transaction,
            account.Org,
            account.BillingAccount.ToString(),
            news,
            checkout.OperationKey,
            cancellationToken);
    }
}
