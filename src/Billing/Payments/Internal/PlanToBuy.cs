using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Payments.Internal;

/// <summary>The plans that may be bought, by name.</summary>
internal static class PlanToBuy
{
    /// <summary>The newest version of a public plan; null when there is none.</summary>
    public static PlanVersion? Of(PlanCatalogue catalogue, string family, Currency currency) =>
        catalogue.Family(family) is { Visibility: PlanVisibility.Public } ? catalogue.Newest(family, currency) : null;

    /// <summary>
    /// Whether a plan may be sold at a price: for what it costs, in its own currency, and only if every right that it
    /// gives can be read, for nobody could keep what the others promise.
    /// </summary>
    public static bool IsSellable(PlanVersion version, SellablePrice price) =>
        PlanPriceTerms.Of(version) is { } terms && price.Terms == terms
        && !version.Entitlements.Any(one => one is Entitlement.Invalid);
}
