using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepBooks;

namespace Quoin.Payments.RefundPayments;

/// <summary>
/// What a refund is in the books. It is taken when it is sent, so that nobody spends meanwhile what goes back; one that
/// fails is put back. Money the books never knew is not given back in them either.
/// </summary>
internal sealed class BookRefunds(
    PaymentBooks books, PurchaseStore purchases, Findings findings, PaymentsOptions options)
{
    /// <summary>Takes it.</summary>
    /// <param name="account">The account, locked.</param>
    /// <param name="refund">The refund; its attempt names it.</param>
    /// <param name="purchase">What the payment bought; null for what was invoiced or sold.</param>
    /// <param name="isDone">Whether the provider has given it back already, so that it cannot be refused.</param>
    /// <param name="cancellationToken">Stops before the statement is sent.</param>
    /// <returns>False when the credit was spent; nothing was posted.</returns>
    public async Task<bool> Take(
        LockedAccount account,
        RefundRow refund,
        PurchaseRow? purchase,
        bool isDone,
        CancellationToken cancellationToken)
    {
        if (!await IsKnown(account, refund, cancellationToken))
        {
            return true;
        }

        var (amount, posting) = (AmountOf(refund), PostingOf(refund, string.Empty, -refund.AmountMinor));
        if (purchase is { Grant: { } grant })
        {
            if (await books.TryPost(account, posting, new BusinessFact.CreditRefunded(amount, grant), cancellationToken) is not null)
            {
                return true;
            }

            if (!isDone && !options.RefundsSpentCredit)
            {
                return false;
            }

            await books.Post(account, posting, new BusinessFact.CreditReturned(amount), cancellationToken);
            var finding = new NewFinding(
                FindingKinds.RefundBeyondCredit,
                refund.ProviderRefund ?? refund.Id.ToString(),
                $"{refund.Id} gave back credit that was spent; the rest is owed.",
                refund.AmountMinor,
                refund.Currency);
            await findings.Add(account, finding, cancellationToken);
            return true;
        }

        await books.Post(account, posting, new BusinessFact.PaymentRefunded(amount), cancellationToken);
        if (refund.Forgives)
        {
            await books.Post(
                account, PostingOf(refund, "/forgiven", 0), new BusinessFact.CreditNote(amount), cancellationToken);
        }

        return true;
    }

    /// <summary>Puts back what was taken for an attempt that failed.</summary>
    public async Task PutBack(
        LockedAccount account, RefundRow refund, PurchaseRow? purchase, CancellationToken cancellationToken)
    {
        var key = PostingOf(refund, string.Empty, 0).Key;
        if (await PaymentBooks.Find(account, key, cancellationToken) is null)
        {
            return;
        }

        var (amount, posting) = (AmountOf(refund), PostingOf(refund, "/failed", refund.AmountMinor));
        if (purchase is { Grant: { } grant })
        {
            await books.Post(account, posting, new BusinessFact.CreditRefundFailed(amount, grant), cancellationToken);
            return;
        }

        // It is paid again, and owed again where it was forgiven.
        await books.Post(account, posting, new BusinessFact.PaymentReceived(amount), cancellationToken);
        if (refund.Forgives)
        {
            await books.Post(
                account, PostingOf(refund, "/owed", 0), new BusinessFact.ItemSold(amount), cancellationToken);
        }
    }

    /// <summary>Gives credit instead of money.</summary>
    public Task<StandingPosting> GiveCredit(
        LockedAccount account, RefundRow refund, CancellationToken cancellationToken) =>
        books.Grant(account, PostingOf(refund, string.Empty, 0), AmountOf(refund), GrantSource.Promotional, cancellationToken);

    /// <summary>What a refund's payment bought; null for what was invoiced or sold.</summary>
    public Task<PurchaseRow?> PurchaseOf(LockedAccount account, RefundRow refund, CancellationToken cancellationToken) =>
        purchases.ByPayment(account, refund.Place, refund.ProviderPayment, cancellationToken);

    /// <summary>Writes on a purchase how much of it was given back.</summary>
    public async Task Count(
        LockedAccount account, PurchaseRow? purchase, long addedMinor, CancellationToken cancellationToken)
    {
        if (purchase is not null)
        {
            var refunded = Math.Clamp(purchase.RefundedMinor + addedMinor, 0, purchase.AmountMinor);
            var after = purchase with
            {
                RefundedMinor = refunded,
                Status = PurchaseStates.AfterRefunds(refunded, purchase.AmountMinor),
            };
            await purchases.Update(account, purchase, after, cancellationToken);
        }
    }

    private static async Task<bool> IsKnown(
        LockedAccount account, RefundRow refund, CancellationToken cancellationToken) =>
        await PaymentBooks.Find(account, SettlePayments.KeyOf(refund.ProviderPayment), cancellationToken) is not null;

    private static Money AmountOf(RefundRow refund) =>
        MinorUnits.ToMoney(refund.AmountMinor, Currency.Of(refund.Currency));

    private static NewPosting PostingOf(RefundRow refund, string what, long clearingMinor) => new(
        $"refund/{refund.Id.Value}/{refund.Attempts}{what}",
        refund.Place,
        refund.Id.Value.ToString(),
        clearingMinor,
        $"{refund.Id} of {refund.Payment}");
}
