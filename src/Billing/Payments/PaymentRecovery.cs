using Quoin.Kernel;
using Quoin.Payments.RecoverRequests;

namespace Quoin.Payments;

/// <summary>
/// The door to recovery: goes on with requests whose worker stopped. The host does it by itself; tests and operators may
/// hurry it.
/// </summary>
public sealed class PaymentRecovery
{
    private readonly Recovery recovery;
    private readonly ForgetRequests forgetting;

    internal PaymentRecovery(Recovery recovery, ForgetRequests forgetting) =>
        (this.recovery, this.forgetting) = (recovery, forgetting);

    /// <summary>Goes on with one request, or tells what it is if it is not for anybody to go on with.</summary>
    public Task<PaymentRequestOutcome> Recover(OrgId org, PaymentRequestId request, CancellationToken cancellationToken) =>
        recovery.Recover(org, request, cancellationToken);

    /// <summary>Goes on with every request whose lease is over.</summary>
    /// <returns>How many were gone through; one turn goes through a bounded number.</returns>
    public Task<int> RecoverAll(CancellationToken cancellationToken) => recovery.RecoverAll(cancellationToken);

    /// <summary>Forgets finished requests that are old enough and in nobody's way.</summary>
    /// <returns>How many; one turn forgets a bounded number.</returns>
    public Task<int> ForgetOld(CancellationToken cancellationToken) => forgetting.Forget(cancellationToken);
}
