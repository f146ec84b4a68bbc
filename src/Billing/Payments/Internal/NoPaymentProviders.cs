using Quoin.Kernel;

namespace Quoin.Payments.Internal;

/// <summary>A host without any provider: nothing is sold, and nobody's news is taken.</summary>
internal sealed class NoPaymentProviders : IPaymentProviders
{
    public IPaymentProvider? Of(PaymentMode mode) => null;

    public Task<PaymentMode?> ModeOf(OrgId org, CancellationToken cancellationToken) =>
        Task.FromResult<PaymentMode?>(null);
}
