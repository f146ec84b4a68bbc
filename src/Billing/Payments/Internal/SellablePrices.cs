using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Payments.Internal;

/// <summary>A plan's price at the provider.</summary>
internal sealed record SellablePrice(
    PlanPriceId Id,
    PlanVersionId Plan,
    string ProviderPrice,
    Currency Currency,
    long AmountMinor,
    PriceInterval Interval,
    int IntervalCount)
{
    /// <summary>What it takes, and how often.</summary>
    public PlanPriceTerms Terms => new(Currency, AmountMinor, Interval, IntervalCount);

    public static SellablePrice Read(NpgsqlDataReader row) => new(
        new PlanPriceId(row.GetGuid(0)),
        new PlanVersionId(row.GetGuid(1)),
        row.GetString(2),
        Currency.Of(row.GetString(3)),
        row.GetInt64(4),
        row.Word<PriceInterval>(5),
        row.GetInt32(6));
}

/// <summary>The one active licensed price of each plan's version that a checkout may sell.</summary>
internal sealed class SellablePrices(NpgsqlDataSource database)
{
    private const string OfPlansSql = """
        select plan_price_id, plan_version_id, provider_price_id, currency, amount_minor, interval_unit, interval_count
        from payments.plan_prices
        where plan_version_id = any ($1)
          and provider = $2
          and mode = $3
          and is_active
          and component = 'base'
          and usage_type = 'licensed'
        """;

    /// <summary>The price of a plan's version, as the transaction sees it; null where there is not exactly one.</summary>
    public static async Task<SellablePrice?> Of(
        LockedAccount account, PlanVersionId plan, ProviderPlace place, CancellationToken cancellationToken)
    {
        var all = await account.Transaction.Sql(OfPlansSql, new[] { plan.Value }, place.Provider, place.ModeWord)
            .All(SellablePrice.Read, cancellationToken);
        return all is [var only] ? only : null;
    }

    /// <summary>The prices of some plans' versions; one without a price is missing.</summary>
    public async Task<IReadOnlyDictionary<PlanVersionId, SellablePrice>> Of(
        IReadOnlyCollection<PlanVersionId> plans, ProviderPlace place, CancellationToken cancellationToken)
    {
        var all = await database
            .Sql(OfPlansSql, plans.Select(plan => plan.Value).ToArray(), place.Provider, place.ModeWord)
            .All(SellablePrice.Read, cancellationToken);
        return all.GroupBy(price => price.Plan)
            .Where(prices => prices.Count() == 1)
            .ToDictionary(prices => prices.Key, prices => prices.Single());
    }
}
