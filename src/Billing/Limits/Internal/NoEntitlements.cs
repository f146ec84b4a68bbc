using Quoin.Accounts;
using Quoin.Kernel;

namespace Quoin.Limiting.Internal;

/// <summary>A catalogue without plans: nothing is allowed that a limit would have to allow.</summary>
internal sealed class NoEntitlements : IEntitlements
{
    public ValueTask<PlanTerms> Of(
        OrganisationProfile org, string defaultPlan, DateTimeOffset at, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new PlanTerms(null, null, null, Period.MonthOf(at), new Dictionary<string, LimitTerms>()));
}
