using Npgsql;

namespace Quoin.Payments.Internal;

/// <summary>
/// What follows in the books and in plans from what a provider said, inside the transaction that stores it, last before
/// its commit. Natural keys make each posting happen once: the same fact may be told again, when more is known of it.
/// </summary>
internal interface IPaymentFacts
{
    /// <summary>
    /// Money came; told again when the invoice or the checkout it belongs to becomes known later than the money.
    /// </summary>
    Task PaymentSucceeded(
        LockedAccount account,
        PaymentRow payment,
        InvoiceRow? invoice,
        CheckoutRow? checkout,
        CancellationToken cancellationToken);

    /// <summary>Money did not come.</summary>
    Task PaymentFailed(
        LockedAccount account,
        PaymentRow payment,
        InvoiceRow? invoice,
        CheckoutRow? checkout,
        CancellationToken cancellationToken);

    /// <summary>An invoice came or changed.</summary>
    Task InvoiceChanged(
        LockedAccount account, InvoiceRow? before, InvoiceRow after, CancellationToken cancellationToken);

    /// <summary>A subscription came, changed, ended, or became or ceased to be the current one.</summary>
    Task SubscriptionChanged(
        LockedAccount account, SubscriptionRow? before, SubscriptionRow after, CancellationToken cancellationToken);

    /// <summary>A second subscription was ended: what was paid for it is given back, or somebody is told.</summary>
    Task DuplicateCanceled(LockedAccount account, SubscriptionRow duplicate, CancellationToken cancellationToken);

    /// <summary>A refund was made, changed or failed.</summary>
    Task<EventEffect> RefundChanged(
        LockedAccount account,
        ProviderPlace place,
        ProviderRefund refund,
        NewsSource source,
        CancellationToken cancellationToken);

    /// <summary>A dispute was opened, changed, moved money or was closed.</summary>
    Task<EventEffect> DisputeChanged(
        LockedAccount account,
        ProviderPlace place,
        ProviderDispute dispute,
        NewsSource source,
        CancellationToken cancellationToken);

    /// <summary>A payout was made, arrived or failed; it belongs to no account.</summary>
    Task<EventEffect> PayoutChanged(
        NpgsqlTransaction transaction,
        ProviderPlace place,
        ProviderPayout payout,
        NewsSource source,
        CancellationToken cancellationToken);
}

/// <summary>Nothing follows from anything: for hosts without books.</summary>
internal sealed class NoPaymentFacts : IPaymentFacts
{
    public Task PaymentSucceeded(
        LockedAccount account,
        PaymentRow payment,
        InvoiceRow? invoice,
        CheckoutRow? checkout,
        CancellationToken cancellationToken) => Task.CompletedTask;

    public Task PaymentFailed(
        LockedAccount account,
        PaymentRow payment,
        InvoiceRow? invoice,
        CheckoutRow? checkout,
        CancellationToken cancellationToken) => Task.CompletedTask;

    public Task InvoiceChanged(
        LockedAccount account, InvoiceRow? before, InvoiceRow after, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public Task SubscriptionChanged(
        LockedAccount account, SubscriptionRow? before, SubscriptionRow after, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public Task DuplicateCanceled(LockedAccount account, SubscriptionRow duplicate, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public Task<EventEffect> RefundChanged(
        LockedAccount account,
        ProviderPlace place,
        ProviderRefund refund,
        NewsSource source,
        CancellationToken cancellationToken) => Ignored;

    public Task<EventEffect> DisputeChanged(
        LockedAccount account,
        ProviderPlace place,
        ProviderDispute dispute,
        NewsSource source,
        CancellationToken cancellationToken) => Ignored;

    public Task<EventEffect> PayoutChanged(
        NpgsqlTransaction transaction,
        ProviderPlace place,
        ProviderPayout payout,
        NewsSource source,
        CancellationToken cancellationToken) => Ignored;

    private static Task<EventEffect> Ignored => Task.FromResult<EventEffect>(EventEffect.Done.Ignored);
}
