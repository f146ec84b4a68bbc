using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments.FollowSubscription;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepBooks;
using Quoin.Platform;

namespace Quoin.Payments.AnswerDisputes;

/// <summary>
/// What a provider says of a dispute: a status that only goes on, and money that is taken once and given back once. Order
/// does not matter: what was withdrawn stays so, whoever tells of it late. One whose payment is not known is put back and
/// tried again.
/// </summary>
internal sealed class ProjectDispute(
    PaymentStore payments,
    DisputeStore disputes,
    PurchaseStore purchases,
    PaymentBooks books,
    FollowSubscriptions following,
    Outbox outbox,
    IdSource ids)
{
    /// <summary>Applies it.</summary>
    public async Task<EventEffect> Apply(
        LockedAccount account, ProviderPlace place, ProviderDispute said, CancellationToken cancellationToken)
    {
        var payment = said.Payment is { } named
            ? await payments.ByProviderId(account, place, named, cancellationToken)
            : said.Charge is { } charge ? await payments.ByCharge(account, place, charge, cancellationToken) : null;
        if (payment is null || payment.BillingAccount != account.BillingAccount)
        {
            return new EventEffect.Refused("payment_unknown", "The dispute's payment is not known here yet.");
        }

        var before = await disputes.ByProviderId(account, place, said.Id, cancellationToken);
        var after = Projected(account, place, said, payment, before);
        if (before == after)
        {
            return EventEffect.Done.Unchanged;
        }

        var purchase = await purchases.ByPayment(account, place, payment.ProviderId, cancellationToken);
        await disputes.Save(account, before, after, cancellationToken);
        await Mark(account, purchase, after, cancellationToken);
        await Tell(account, before, after, cancellationToken);
        await following.Ask(account, cancellationToken);
        await Book(account, payment, after, cancellationToken);
        return EventEffect.Done.Applied;
    }

    /// <summary>Books what was taken of a payment, and given back, before the books knew the payment.</summary>
    public async Task PaymentBooked(LockedAccount account, PaymentRow payment, CancellationToken cancellationToken)
    {
        foreach (var dispute in await disputes.OfPayment(account, payment.Id, cancellationToken))
        {
            var next = account.Anew();
            var purchase = await purchases.ByPayment(next, payment.Place, payment.ProviderId, cancellationToken);
            await Mark(next, purchase, dispute, cancellationToken);
            await Book(next, payment, dispute, cancellationToken);
        }
    }

    private DisputeRow Projected(
        LockedAccount account, ProviderPlace place, ProviderDispute said, PaymentRow payment, DisputeRow? before)
    {
        var status = DisputeStates.Read(said.Status);
        if (before is not null && !before.Status.MayBecome(status))
        {
            status = before.Status;
        }

        var isAnswered = status == DisputeStatus.EvidenceSubmitted;
        return new DisputeRow
        {
            Org = account.Org,
            Id = before?.Id ?? ids.Next<DisputeId>(),
            BillingAccount = account.BillingAccount,
            Payment = payment.Id,
            Place = place,
            ProviderId = said.Id,
            Status = status,
            ProviderStatus = status == before?.Status ? before.ProviderStatus : said.Status,
            Reason = said.Reason,
            AmountMinor = said.AmountMinor,
            Currency = said.Currency,
            IsWithdrawn = said.IsWithdrawn || said.IsReinstated || before is { IsWithdrawn: true },
            IsReinstated = said.IsReinstated || before is { IsReinstated: true },
            OpenedAt = before?.OpenedAt ?? said.CreatedAt,
            EvidenceDueAt = said.EvidenceDueAt ?? before?.EvidenceDueAt,
            OverdueToldAt = before?.OverdueToldAt,
            EvidenceSubmittedAt = before?.EvidenceSubmittedAt ?? (isAnswered ? account.Now : null),
            ClosedAt = before?.ClosedAt ?? (status.IsOpen() ? null : account.Now),
        };
    }

    private async Task Mark(
        LockedAccount account, PurchaseRow? purchase, DisputeRow dispute, CancellationToken cancellationToken)
    {
        if (purchase is null || !purchase.Status.IsPaid() || !dispute.IsWithdrawn)
        {
            return;
        }

        var status = dispute.IsReinstated
            ? PurchaseStates.AfterRefunds(purchase.RefundedMinor, purchase.AmountMinor)
            : PurchaseStatus.Disputed;
        await purchases.Update(account, purchase, purchase with { Status = status }, cancellationToken);
    }

    // Money the books never knew is not taken from them.
    private async Task Book(
        LockedAccount account, PaymentRow payment, DisputeRow dispute, CancellationToken cancellationToken)
    {
        if (!dispute.IsWithdrawn || dispute.AmountMinor == 0
            || await PaymentBooks.Find(account, SettlePayments.KeyOf(payment.ProviderId), cancellationToken) is null)
        {
            return;
        }

        var amount = MinorUnits.ToMoney(dispute.AmountMinor, Currency.Of(dispute.Currency));
        var taken = new NewPosting(
            $"dispute/{dispute.ProviderId}",
            dispute.Place,
            dispute.ProviderId,
            -dispute.AmountMinor,
            $"{dispute.Id} of {payment.Id}");
        await books.Post(account, taken, new BusinessFact.Chargeback(amount), cancellationToken);
        if (dispute.IsReinstated)
        {
            var back = taken with { Key = $"{taken.Key}/reinstated", ClearingMinor = dispute.AmountMinor };
            await books.Post(account, back, new BusinessFact.ChargebackReversed(amount), cancellationToken);
        }
    }

    private async Task Tell(
        LockedAccount account, DisputeRow? before, DisputeRow after, CancellationToken cancellationToken)
    {
        var key = account.BillingAccount.ToString();
        if (before is null)
        {
            var opened = new DisputeOpened(
                account.BillingAccount,
                after.Id,
                after.Payment,
                after.AmountMinor,
                Currency.Of(after.Currency),
                after.Reason,
                after.EvidenceDueAt,
                account.Now);
            await outbox.Publish(account.Transaction, account.Org, key, opened, null, cancellationToken);
        }

        var changed = new DisputeChanged(
            account.BillingAccount, after.Id, after.Status, after.IsWithdrawn, after.IsReinstated, account.Now);
        await outbox.Publish(account.Transaction, account.Org, key, changed, null, cancellationToken);
    }
}
