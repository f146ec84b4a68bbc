using Quoin.Kernel;
using Quoin.Payments.Internal;

namespace Quoin.Payments.RefundPayments;

/// <summary>
/// What a provider says of a refund: one that was sent from here is confirmed; one that somebody made at the provider is
/// taken in as it is, for it happened. A refund only goes on, so the order of its news does not matter.
/// </summary>
internal sealed class ProjectRefund(
    PaymentStore payments, RefundStore refunds, ChangeRefunds changing, BookRefunds booking, IdSource ids)
{
    /// <summary>The name in metadata under which a refund sent from here is found again.</summary>
    public const string RefundId = "refund_id";

    private const string AtProvider = "provider";

    /// <summary>Applies it.</summary>
    public async Task<EventEffect> Apply(
        LockedAccount account, ProviderPlace place, ProviderRefund said, CancellationToken cancellationToken)
    {
        var payment = said.Payment is { } named
            ? await payments.ByProviderId(account, place, named, cancellationToken)
            : said.Charge is { } charge ? await payments.ByCharge(account, place, charge, cancellationToken) : null;
        if (payment is null)
        {
            return new EventEffect.Refused("payment_unknown", "The refund's payment is not known yet.");
        }

        var known = await refunds.ByProviderId(account, place, said.Id, cancellationToken);
        if (known is null && await refunds.WasTriedAgain(place, said.Id, cancellationToken))
        {
            return EventEffect.Done.Unchanged;
        }

        known ??= await Sent(account, said, cancellationToken);
        if (known is null)
        {
            return await TakeIn(account, payment, said, cancellationToken);
        }

        if (known.BillingAccount != account.BillingAccount)
        {
            return new EventEffect.Refused("refund_of_another_account", "The refund is another account's.");
        }

        return await changing.Apply(account, known, said, cancellationToken)
            ? EventEffect.Done.Applied
            : EventEffect.Done.Unchanged;
    }

    /// <summary>Books what was given back of a payment before the books knew the payment.</summary>
    public async Task PaymentBooked(LockedAccount account, PaymentRow payment, CancellationToken cancellationToken)
    {
        var given = (await refunds.OfPayment(account, payment.Id, cancellationToken)).Where(one =>
            one is { Kind: RefundKind.ProviderRefund, Status: RefundStatus.Processing or RefundStatus.Succeeded });
        foreach (var refund in given.ToArray())
        {
            var next = account.Anew();
            var purchase = await booking.PurchaseOf(next, refund, cancellationToken);
            var counted = refund is { Purchase: null, Status: RefundStatus.Succeeded } ? purchase : null;
            await booking.Count(next, counted, refund.AmountMinor, cancellationToken);
            await booking.Take(next, refund, purchase, isDone: true, cancellationToken);
        }
    }

    // Its answer may be lost or still on its way: what was written on it names it all the same.
    private async Task<RefundRow?> Sent(LockedAccount account, ProviderRefund said, CancellationToken cancellationToken) =>
        said.Metadata.TryGetValue(RefundId, out var text)
        && Id.TryParse<Payments.RefundId>(text, out var id)
        && await refunds.ById(account, id, cancellationToken) is { ProviderRefund: null, Status: RefundStatus.Processing } row
            ? row
            : null;

    private async Task<EventEffect> TakeIn(
        LockedAccount account, PaymentRow payment, ProviderRefund said, CancellationToken cancellationToken)
    {
        if (said.Status == ProviderRefundStatus.Failed)
        {
            return EventEffect.Done.Ignored;
        }

        var made = new RefundRow
        {
            Org = account.Org,
            Id = ids.Next<RefundId>(),
            BillingAccount = account.BillingAccount,
            Payment = payment.Id,
            Place = payment.Place,
            ProviderPayment = payment.ProviderId,
            Kind = RefundKind.ProviderRefund,
            AmountMinor = said.AmountMinor,
            Currency = said.Currency,
            Status = RefundStatus.Processing,
            Reason = "made at the provider",
            RequestedBy = AtProvider,
            RequestedByOrigin = AtProvider,
            DecidedBy = AtProvider,
            DecidedAt = account.Now,
            Attempts = 1,
            ProviderRefund = said.Id,
        };
        var purchase = await booking.PurchaseOf(account, made, cancellationToken);
        var row = await refunds.Insert(account, made with { Purchase = purchase?.Id }, cancellationToken);
        if (said.Status == ProviderRefundStatus.Succeeded)
        {
            await changing.Apply(account, row, said, cancellationToken);
        }

        await booking.Take(account, row, purchase, isDone: true, cancellationToken);
        return EventEffect.Done.Applied;
    }
}
