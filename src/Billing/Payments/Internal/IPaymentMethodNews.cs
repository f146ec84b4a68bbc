namespace Quoin.Payments.Internal;

/// <summary>What follows from news of payment methods and customers, inside the transaction that goes through it.</summary>
internal interface IPaymentMethodNews
{
    /// <summary>A payment method came, changed or went.</summary>
    Task<EventEffect> MethodChanged(
        LockedAccount account,
        ProviderPlace place,
        ProviderEventSubject.PaymentMethod method,
        NewsSource source,
        CancellationToken cancellationToken);

    /// <summary>A customer changed, such as its default method, or went.</summary>
    Task<EventEffect> CustomerChanged(
        LockedAccount account,
        ProviderPlace place,
        ProviderCustomer customer,
        NewsSource source,
        CancellationToken cancellationToken);
}

/// <summary>Nothing follows: methods are read when they are needed.</summary>
internal sealed class NoPaymentMethodNews : IPaymentMethodNews
{
    public Task<EventEffect> MethodChanged(
        LockedAccount account,
        ProviderPlace place,
        ProviderEventSubject.PaymentMethod method,
        NewsSource source,
        CancellationToken cancellationToken) => Task.FromResult<EventEffect>(EventEffect.Done.Ignored);

    public Task<EventEffect> CustomerChanged(
        LockedAccount account,
        ProviderPlace place,
        ProviderCustomer customer,
        NewsSource source,
        CancellationToken cancellationToken) => Task.FromResult<EventEffect>(EventEffect.Done.Ignored);
}
