using Quoin.Kernel;

namespace Quoin.Payments;

/// <summary>Whether real money moves. Of an organisation it never changes.</summary>
public enum PaymentMode
{
    /// <summary>Test cards only.</summary>
    Test,

    /// <summary>Real money.</summary>
    Live,
}

/// <summary>Which provider serves whom, as the host is configured.</summary>
public interface IPaymentProviders
{
    /// <summary>The provider of a mode; null where none is configured, and nothing can be sold.</summary>
    IPaymentProvider? Of(PaymentMode mode);

    /// <summary>The mode of an organisation; null when there is no such organisation.</summary>
    Task<PaymentMode?> ModeOf(OrgId org, CancellationToken cancellationToken);
}
