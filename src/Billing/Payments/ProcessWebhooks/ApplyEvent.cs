using Npgsql;

namespace Quoin.Payments.Internal;

/// <summary>
/// The table of owners: each kind of news has one, which alone writes what it is about. Whoever locked the account calls it.
/// </summary>
internal sealed class ApplyEvent(
    ProjectCheckout checkouts,
    ProjectSubscription subscriptions,
    ProjectInvoice invoices,
    ProjectPayment payments,
    IPaymentMethodNews methods,
    IPaymentFacts facts)
{
    /// <summary>Applies news of an account.</summary>
    public Task<EventEffect> Run(LockedAccount account, InboxEvent one, CancellationToken cancellationToken) =>
        one.Subject switch
        {
            ProviderEventSubject.Checkout(var said) =>
                checkouts.Apply(account, one.Place, said, one.Source, cancellationToken),
            ProviderEventSubject.Subscription(var said) =>
                subscriptions.Apply(account, one.Place, said, one.Source, one.KnownCreations, cancellationToken),
            ProviderEventSubject.Invoice(var said) =>
                invoices.Apply(account, one.Place, said, one.Source, cancellationToken),
            ProviderEventSubject.Payment(var said) =>
                payments.Apply(account, one.Place, said, one.Source, cancellationToken),
            ProviderEventSubject.PaymentMethod method =>
                methods.MethodChanged(account, one.Place, method, one.Source, cancellationToken),
            ProviderEventSubject.Customer(var said) =>
                methods.CustomerChanged(account, one.Place, said, one.Source, cancellationToken),
            ProviderEventSubject.Refund(var said) =>
                facts.RefundChanged(account, one.Place, said, one.Source, cancellationToken),
            ProviderEventSubject.Dispute(var said) =>
                facts.DisputeChanged(account, one.Place, said, one.Source, cancellationToken),
            _ => Task.FromResult<EventEffect>(EventEffect.Done.Ignored),
        };

    /// <summary>Applies news that belongs to no account.</summary>
    public Task<EventEffect> RunWithoutAccount(
        NpgsqlTransaction transaction, InboxEvent one, CancellationToken cancellationToken) =>
        one.Subject is ProviderEventSubject.Payout(var said)
            ? facts.PayoutChanged(transaction, one.Place, said, one.Source, cancellationToken)
            : Task.FromResult<EventEffect>(EventEffect.Done.Ignored);
}
