using Quoin.Accounts;
using Quoin.Kernel;

namespace Quoin.Limiting;

/// <summary>What an organisation's plan says: a seam towards the catalogue of plans.</summary>
public interface IEntitlements
{
    /// <summary>The terms an organisation has at an instant.</summary>
    /// <param name="org">The organisation.</param>
    /// <param name="defaultPlan">The plan of one that has none assigned, by its key.</param>
    /// <param name="at">When, by the organisation's clock.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<PlanTerms> Of(
        OrganisationProfile org, string defaultPlan, DateTimeOffset at, CancellationToken cancellationToken);
}

/// <summary>The terms of the plan an organisation is on.</summary>
/// <param name="Key">The plan's key; null where there is no such plan: then nothing is allowed.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Fee">What a month costs; null where there is no plan.</param>
/// <param name="BillingPeriod">The billing period that holds the instant asked for.</param>
/// <param name="Limits">Its limits, by code.</param>
public sealed record PlanTerms(
    string? Key,
    string? Name,
    Money? Fee,
    Period BillingPeriod,
    IReadOnlyDictionary<string, LimitTerms> Limits);
