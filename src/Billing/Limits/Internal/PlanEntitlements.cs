using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Limiting.Internal;

/// <summary>
/// What plans say, in the words of limits. Plans are had by billing accounts; an organisation's limits are those of its
/// default one, and where it has none, those of the default plan.
/// </summary>
internal sealed class PlanEntitlements(Plans plans, PriceBooks books) : IEntitlements
{
    public async ValueTask<PlanTerms> Of(
        OrganisationProfile org, string defaultPlan, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var account = org.DefaultBillingAccount;
        var own = await plans.Of(new BillingAccountKey(org.Id, account.Id), cancellationToken);
        var catalogue = await plans.Catalogue(cancellationToken);
        var leading = own.LeadingAt(at)?.Plan;
        var plan = leading ?? Fallback(catalogue, defaultPlan, account.Currency);
        var entitlements = own.EntitlementsAt(at) is { Count: > 0 } assigned ? assigned : plan?.Entitlements ?? [];
        var limits = new Dictionary<string, LimitTerms>(StringComparer.Ordinal);
        foreach (var entitlement in entitlements)
        {
            limits[entitlement.Key] = await Terms(entitlement, own.Prices, account.Currency, at, cancellationToken);
        }

        var name = plan is null ? null : catalogue.Family(plan.Family)?.Name;
        return new PlanTerms(plan?.Family, name, plan?.Fee, own.PeriodAt(at), limits);
    }

    // Limits have no currency: the default plan holds for accounts of any.
    private static PlanVersion? Fallback(PlanCatalogue catalogue, string family, Currency currency) =>
        catalogue.Newest(family, currency)
        ?? catalogue.Versions.LastOrDefault(version => version.Family == family && version.Status == PlanStatus.Published);

    private async ValueTask<LimitTerms> Terms(
        Entitlement entitlement, AccountPrices prices, Currency currency, DateTimeOffset at, CancellationToken cancellationToken)
    {
        switch (entitlement)
        {
            case Entitlement.Switch(var key, var isEnabled):
                return new LimitTerms(key, LimitKind.Boolean) { IsEnabled = isEnabled };
            case Entitlement.Names(var key, var values):
                return new LimitTerms(key, LimitKind.StringList) { Values = values };
            case Entitlement.Quota quota:
                return Quota(quota) with { OverageUnitsMax = await UnitsMax(quota, prices, currency, at, cancellationToken) };
            default:
                return new LimitTerms(entitlement.Key, LimitKind.Invalid);
        }
    }

    private static LimitTerms Quota(Entitlement.Quota quota) =>
        new(quota.Key, quota.Interval == QuotaInterval.Standing ? LimitKind.Gauge : LimitKind.Quota)
        {
            Limit = quota.Limit,
            Interval = quota.Interval,
            Enforcement = quota.Enforcement,
            Overage = quota.Overage,
            Meters = quota.Meters,
            Dimensions = quota.Match,
        };

    // How many units the cap pays for, at the dearest of the meters' prices for what the quota matches: never more than
    // the cap. Where a price cannot be told from that, such as one that depends on the model, a cap allows nothing.
    private async ValueTask<decimal?> UnitsMax(
        Entitlement.Quota quota, AccountPrices prices, Currency currency, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (quota.OverageCapMicros is not { } cap)
        {
            return null;
        }

        var snapshot = await books.Current(cancellationToken);
        var found = quota.Meters
            .Select(meter => snapshot.Find(new PriceLookup(prices, currency, meter, quota.Match, QuarterHour.Of(at))))
            .ToArray();
        return found.Length == 0 || found.Any(price => price is null)
            ? 0
            : found.Min(price => OverageUnits.For(cap, quota.Limit ?? 0, price!.Value));
    }
}
