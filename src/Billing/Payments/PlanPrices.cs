using Quoin.Kernel;
using Quoin.Payments.KeepCatalogue;
using Quoin.Payments.SyncPrices;
using Quoin.Pricing;

namespace Quoin.Payments;

/// <summary>How a plan's version stands with a provider.</summary>
public enum PriceSyncStatus
{
    /// <summary>Not there yet: not asked, or nobody knows what came of asking.</summary>
    Pending,

    /// <summary>It can be sold.</summary>
    Synced,

    /// <summary>It cannot: somebody must do something.</summary>
    Failed,
}

/// <summary>How a plan's version stands with the provider of a mode.</summary>
/// <param name="PlanVersion">The version.</param>
/// <param name="Plan">The plan's short name.</param>
/// <param name="Number">The version's number.</param>
/// <param name="Fee">What a month of it costs.</param>
/// <param name="Mode">For test or live organisations.</param>
/// <param name="Status">Whether it can be sold, not yet, or not at all.</param>
/// <param name="Provider">The provider's name; null where none is configured for the mode.</param>
/// <param name="ProviderPrice">The provider's price; null while there is none.</param>
/// <param name="Problem">Why it cannot be sold, or not yet; null where it can.</param>
/// <param name="TriedAt">When the provider was last asked; null never.</param>
public sealed record PlanPriceRow(
    PlanVersionId PlanVersion,
    string Plan,
    int Number,
    Money Fee,
    PaymentMode Mode,
    PriceSyncStatus Status,
    string? Provider,
    string? ProviderPrice,
    string? Problem,
    DateTimeOffset? TriedAt);

/// <summary>The door to what can be sold: plans with their prices at the provider, and what is sold once.</summary>
public sealed class PlanPrices
{
    private readonly PlanPriceEndpoints prices;
    private readonly CatalogueKeeping catalogue;

    internal PlanPrices(PlanPriceEndpoints prices, CatalogueKeeping catalogue) =>
        (this.prices, this.catalogue) = (prices, catalogue);

    /// <summary>Every published version with a fee, for test and for live organisations; by plan, number and mode.</summary>
    public async Task<IReadOnlyList<PlanPriceRow>> All(CancellationToken cancellationToken) =>
        await prices.Rows(plan: null, cancellationToken);

    /// <summary>Brings a version to the provider now.</summary>
    /// <returns>How it stands after; null when there is no such published version with a fee.</returns>
    public async Task<IReadOnlyList<PlanPriceRow>?> Sync(
        PlanVersionId plan, string actor, CancellationToken cancellationToken) =>
        await prices.Try(plan, actor, cancellationToken);

    /// <summary>Everything that may be sold once, retired items too.</summary>
    public Task<IReadOnlyList<CatalogueItem>> Items(CancellationToken cancellationToken) => catalogue.All(cancellationToken);
}
