using System.Collections.Concurrent;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>A catalogue of one plan, whose limits a test sets.</summary>
internal sealed class GivenPlan : IEntitlements
{
    private readonly ConcurrentDictionary<string, LimitTerms> limits = new(StringComparer.Ordinal);

    public Money Fee { get; set; } = new(49_000_000, Currency.Usd);

    /// <summary>The billing period; a calendar month while it is not set.</summary>
    public Period? Period { get; set; }

    /// <summary>Makes every question fail as a database that is away does.</summary>
    public bool IsAway { get; set; }

    public GivenPlan With(LimitTerms terms)
    {
        limits[terms.Code] = terms;
        return this;
    }

    /// <summary>A hard monthly quota.</summary>
    public GivenPlan With(string code, decimal? limit) => With(new LimitTerms(code, LimitKind.Quota) { Limit = limit });

    public ValueTask<PlanTerms> Of(
        OrganisationProfile org, string defaultPlan, DateTimeOffset at, CancellationToken cancellationToken) => IsAway
        ? throw new TimeoutException("away on purpose")
        : ValueTask.FromResult(new PlanTerms(
            defaultPlan, "Test plan", Fee, Period ?? Kernel.Period.MonthOf(at), new Dictionary<string, LimitTerms>(limits)));
}
