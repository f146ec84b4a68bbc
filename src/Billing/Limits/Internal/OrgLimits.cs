using System.Collections.Frozen;
using Quoin.Accounts;
using Quoin.Kernel;

namespace Quoin.Limiting.Internal;

/// <summary>All that is known of an organisation's limits at one moment.</summary>
internal sealed class OrgLimits
{
    private readonly FrozenDictionary<string, LimitStanding> byCode;

    public OrgLimits(
        OrganisationProfile org,
        DateTimeOffset now,
        BillingState state,
        PlanTerms plan,
        IReadOnlyList<LimitOverride> overrides,
        IEnumerable<LimitStanding> standings)
    {
        (Org, Now, State, Plan, Overrides) = (org, now, state, plan, overrides);
        byCode = standings.ToFrozenDictionary(standing => standing.Terms.Code, StringComparer.Ordinal);
        ChangesAt = Earliest(
            byCode.Values.Where(standing => standing.Window is not null).Select(standing => standing.Window!.Value.End)
                .Append(plan.BillingPeriod.End)
                .Concat(state.Status == BillingStatus.Trial && state.TrialEndsAt > now ? [state.TrialEndsAt] : []));
    }

    public OrganisationProfile Org { get; }

    /// <summary>When it was so, by the organisation's clock.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>From when on it is otherwise: a window or the trial ends, by the organisation's clock.</summary>
    public DateTimeOffset ChangesAt { get; }

    public BillingState State { get; }

    public BillingStatus Status => State.StatusAt(Now, Plan.Fee);

    public PlanTerms Plan { get; }

    public IReadOnlyList<LimitOverride> Overrides { get; }

    public IEnumerable<LimitStanding> Standings =>
        byCode.Values.OrderBy(standing => standing.Terms.Code, StringComparer.Ordinal);

    public LimitStanding? Find(string code) => byCode.GetValueOrDefault(code);

    public LimitAnswer Answer(string code, decimal amount) => byCode.TryGetValue(code, out var standing)
        ? LimitDecision.Of(standing.Terms, standing.Used, amount, standing.Window?.End)
        : new LimitAnswer(false, 0, null, null, LimitReason.NotConfigured);

    private static DateTimeOffset Earliest(IEnumerable<DateTimeOffset> instants) => instants.Min();
}
