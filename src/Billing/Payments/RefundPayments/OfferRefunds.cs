using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.RefundPayments;

/// <summary>What is left of the credit that was bought: what may go back without anybody owing it.</summary>
internal sealed class UnspentCredit(Ledger.Ledger ledger)
{
    /// <summary>
    /// Minor units left of a purchase's grant that nothing holds; null for what is no purchase, or gave no credit. Read
    /// without a lock: the books decide again when it is taken.
    /// </summary>
    public async Task<long?> Of(PurchaseRow? purchase, CancellationToken cancellationToken) =>
        purchase is { Grant: { } id } && await ledger.Grant(purchase.Org, id, cancellationToken) is { } grant
            ? MinorUnits.WholeOf(grant.Balance - grant.Held)
            : null;

    /// <summary>Minor units of refunds by the provider that were asked for and are not in the books yet.</summary>
    public static long Waiting(IEnumerable<RefundRow> refunds) => refunds
        .Where(one => one is
        {
            Kind: RefundKind.ProviderRefund, Status: RefundStatus.Requested or RefundStatus.Approved,
        })
        .Sum(one => one.AmountMinor);
}

/// <summary>Tells which purchases a customer may ask back.</summary>
internal sealed class OfferRefunds(
    PurchaseStore purchases,
    PaymentStore payments,
    RefundStore refunds,
    UnspentCredit unspent,
    PaymentsOptions options,
    TimeProvider time)
{
    public async Task<IReadOnlyList<RefundOffer>> Handle(
        OrgId org, BillingAccountId account, CancellationToken cancellationToken)
    {
        if (options.RefundAskableFor <= TimeSpan.Zero)
        {
            return [];
        }

        var bought = await purchases.OfAccount(org, account, before: null, Limits.RefundOffersMax, cancellationToken);
        var asked = await refunds.Newest(org, account, status: null, before: null, Limits.RefundsComparedMax, cancellationToken);
        var offers = new List<RefundOffer>();
        foreach (var purchase in bought)
        {
            if (purchase is { Payment: { } id, PaidAt: { } paidAt }
                && await payments.Peek(org, id, cancellationToken) is { } payment
                && await Decide(payment, purchase, asked, cancellationToken) is RefundEligibility.Offered(var most, var until))
            {
                var currency = Currency.Of(purchase.Currency);
                offers.Add(new RefundOffer(
                    purchase.Id,
                    id,
                    MinorUnits.ToMoney(purchase.AmountMinor, currency),
                    MinorUnits.ToMoney(most, currency),
                    paidAt,
                    until));
            }
        }

        return offers;
    }

    private async Task<RefundEligibility> Decide(
        PaymentRow payment, PurchaseRow purchase, IReadOnlyList<RefundRow> asked, CancellationToken cancellationToken)
    {
        var own = asked.Where(one => one.Payment == payment.Id).ToList();
        return RefundPolicy.Decide(FactsOf(
            payment, purchase, own, await unspent.Of(purchase, cancellationToken), Instant.Now(time), options));
    }

    /// <summary>What the policy asks of a payment.</summary>
    public static RefundFacts FactsOf(
        PaymentRow payment,
        PurchaseRow? purchase,
        IReadOnlyList<RefundRow> refunds,
        long? unspentMinor,
        DateTimeOffset now,
        PaymentsOptions options) => new(
        purchase is { Grant: not null },
        purchase is { Status: PurchaseStatus.Disputed },
        refunds.Any(one => one.Status == RefundStatus.Requested),
        purchase?.PaidAt ?? payment.PaidAt,
        RequestRefunds.LeftOf(payment, refunds),
        (unspentMinor ?? 0) - UnspentCredit.Waiting(refunds),
        now,
        options.RefundAskableFor);
}

/// <summary>Why a customer may not ask, in words.</summary>
internal static class RefundWords
{
    /// <summary>A sentence.</summary>
    public static string Of(RefundRefusal why) => why switch
    {
        RefundRefusal.NotCredit => "Only credit that was bought may be asked back here.",
        RefundRefusal.SwitchedOff => "Nothing may be asked back here.",
        RefundRefusal.Disputed => "The bank decides about this payment.",
        RefundRefusal.Asked => "It was asked for, and nobody has decided yet.",
        RefundRefusal.TooLate => "It was paid too long ago.",
        RefundRefusal.GivenBack => "All of it was given back or asked for.",
        _ => "Its credit was spent.",
    };
}
