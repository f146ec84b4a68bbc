using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>
/// Due work of trials, by the organisation's clock. An organisation nobody has asked about has no state yet; its trial
/// runs all the same, from its creation.
/// </summary>
internal sealed class EndTrials(
    Organisations organisations, BillingStates states, IEntitlements entitlements, ChangeState change) : IDueWork
{
    public string Name => "limits.trials";

    public async Task<DateTimeOffset?> NextDue(OrgId org, CancellationToken cancellationToken)
    {
        if (await states.Find(org, cancellationToken) is { } state)
        {
            return state.Status == BillingStatus.Trial ? state.TrialEndsAt : null;
        }

        return await organisations.Find(org, cancellationToken) is { } profile ? BillingStates.TrialEndOf(profile) : null;
    }

    public async Task RunUpTo(OrgId org, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        if (await organisations.Find(org, cancellationToken) is not { } profile)
        {
            return;
        }

        var state = await states.Read(profile, cancellationToken);
        var plan = await entitlements.Of(profile, state.DefaultPlan, state.TrialEndsAt, cancellationToken);
        await change.EndTrial(profile, instant, plan.Fee, cancellationToken);
    }

    public Task<IReadOnlyList<OrgId>> OrganisationsDue(
        DateTimeOffset instant, OrgId? after, int limit, CancellationToken cancellationToken) =>
        states.TrialsDue(instant, after, limit, cancellationToken);
}
