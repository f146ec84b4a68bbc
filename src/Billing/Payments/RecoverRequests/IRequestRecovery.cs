using Quoin.Payments.Internal;

namespace Quoin.Payments.RecoverRequests;

/// <summary>Goes on with one kind of request whose worker stopped.</summary>
internal interface IRequestRecovery
{
    /// <summary>Whether it knows how.</summary>
    bool Takes(RequestAction action);

    /// <summary>
    /// Goes on with a request this worker has just leased, outside any transaction: learns what came of it and ends it, or
    /// leaves it pending.
    /// </summary>
    /// <param name="request">The request; its frozen parameters are what may be sent, and nothing else.</param>
    /// <param name="provider">Whom it was made for; null while that one is not configured.</param>
    /// <param name="now">When it was leased.</param>
    /// <param name="cancellationToken">Stops before the next step.</param>
    Task<PaymentRequestOutcome> Resolve(
        RequestRow request, IPaymentProvider? provider, DateTimeOffset now, CancellationToken cancellationToken);
}
