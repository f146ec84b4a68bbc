using Npgsql;
using Quoin.Payments.AnswerDisputes;
using Quoin.Payments.FollowSubscription;
using Quoin.Payments.Internal;
using Quoin.Payments.ReconcileClearing;
using Quoin.Payments.RefundPayments;
using Quoin.Platform;

namespace Quoin.Payments.KeepBooks;

/// <summary>What follows from what the provider said: each fact has one that knows.</summary>
internal sealed class PaymentFacts(
    SettlePayments settling,
    FollowSubscriptions following,
    ProjectRefund refunds,
    ProjectDispute disputes,
    Jobs jobs,
    TimeProvider time) : IPaymentFacts
{
    // What came of the payment may have been told before what it was for.
    public async Task PaymentSucceeded(
        LockedAccount account,
        PaymentRow payment,
        InvoiceRow? invoice,
        CheckoutRow? checkout,
        CancellationToken cancellationToken)
    {
        if (invoice?.ProviderSubscription is { } subscription
            && await RefundDuplicates.IsEnded(account, payment.Place, subscription, cancellationToken))
        {
            await GiveBack(account, payment.Place, subscription, cancellationToken);
        }

        if (await settling.Succeeded(account, payment, invoice, checkout, cancellationToken))
        {
            await refunds.PaymentBooked(account.Anew(), payment, cancellationToken);
            await disputes.PaymentBooked(account.Anew(), payment, cancellationToken);
        }
    }

    public Task PaymentFailed(
        LockedAccount account,
        PaymentRow payment,
        InvoiceRow? invoice,
        CheckoutRow? checkout,
        CancellationToken cancellationToken) => settling.Failed(account, payment, checkout, cancellationToken);

    // What an invoice comes to is posted by what follows plans; that it was paid is its payment's fact.
    public Task InvoiceChanged(
        LockedAccount account, InvoiceRow? before, InvoiceRow after, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public Task SubscriptionChanged(
        LockedAccount account, SubscriptionRow? before, SubscriptionRow after, CancellationToken cancellationToken) =>
        following.Ask(account, cancellationToken);

    public Task DuplicateCanceled(LockedAccount account, SubscriptionRow duplicate, CancellationToken cancellationToken) =>
        GiveBack(account, duplicate.Place, duplicate.ProviderId, cancellationToken);

    private Task<long> GiveBack(
        LockedAccount account, ProviderPlace place, string subscription, CancellationToken cancellationToken)
    {
        var job = new RefundDuplicateJob(account.Org, account.BillingAccount, place.Provider, place.Mode, subscription);
        return jobs.Enqueue(account.Transaction, job, job.Terms, cancellationToken);
    }

    public Task<EventEffect> RefundChanged(
        LockedAccount account,
        ProviderPlace place,
        ProviderRefund refund,
        NewsSource source,
        CancellationToken cancellationToken) => refunds.Apply(account, place, refund, cancellationToken);

    public Task<EventEffect> DisputeChanged(
        LockedAccount account,
        ProviderPlace place,
        ProviderDispute dispute,
        NewsSource source,
        CancellationToken cancellationToken) => disputes.Apply(account, place, dispute, cancellationToken);

    public async Task<EventEffect> PayoutChanged(
        NpgsqlTransaction transaction,
        ProviderPlace place,
        ProviderPayout payout,
        NewsSource source,
        CancellationToken cancellationToken)
    {
        await ClearingStore.Save(transaction, place, payout, Instant.Now(time), cancellationToken);
        var job = new ReadClearingJob(place.Mode);
        await jobs.Enqueue(transaction, job, job.Terms, cancellationToken);
        return EventEffect.Done.Applied;
    }
}
