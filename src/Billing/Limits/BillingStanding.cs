using Quoin.Kernel;
using Quoin.Limiting.Internal;
using Quoin.Platform;

namespace Quoin.Limiting;

/// <summary>The door to where organisations' subscriptions stand, for whoever learns that they are paid or not.</summary>
public sealed class BillingStanding
{
    private readonly ChangeState changing;

    internal BillingStanding(ChangeState changing) => this.changing = changing;

    /// <summary>Moves a state; standing there already is as good, and the machine may refuse.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="to">Where to.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="reason">Why, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<BillingStateOutcome> Move(
        OrgId org, BillingStatus to, string actor, string reason, CancellationToken cancellationToken) =>
        changing.Move(org, to, actor, reason, IdempotentRequest.None, cancellationToken);
}
