using Npgsql;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Payments.Internal;

/// <summary>What a subscription's parts pay.</summary>
/// <param name="Plan">The plan's version; null when none is known.</param>
/// <param name="Items">The parts as they are stored.</param>
/// <param name="Refusal">Why they cannot be one plan; null when they are.</param>
internal sealed record PlanOfItems(
    PlanVersionId? Plan, IReadOnlyList<SubscriptionItemRow> Items, EventEffect.Refused? Refusal);

/// <summary>Finds the plan whose prices a subscription is made of.</summary>
internal sealed class PlanPriceRows
{
    private const string FindSql = """
        select plan_price_id, plan_version_id, provider_price_id, component, usage_type
        from payments.plan_prices
        where provider = $1
          and mode = $2
          and provider_price_id = any ($3)
        """;

    /// <summary>
    /// The one plan of a subscription's known prices. A price nobody knows is a part for itself; parts of two plans, or
    /// none that is known, are no plan.
    /// </summary>
    public async Task<PlanOfItems> PlanOf(
        NpgsqlTransaction transaction, ProviderPlace place, ProviderSubscription said, CancellationToken cancellationToken)
    {
        var wanted = said.Items.Select(item => item.Price).Distinct(StringComparer.Ordinal).ToArray();
        var prices = await transaction.Sql(FindSql, place.Provider, place.ModeWord, wanted).All(Read, cancellationToken);
        var known = prices.ToDictionary(price => price.ProviderId, StringComparer.Ordinal);
        var items = said.Items.Select(item => Row(item, known.GetValueOrDefault(item.Price))).ToArray();
        var plans = prices.Select(price => price.Plan).Distinct().ToArray();
        return plans switch
        {
            [var plan] => new PlanOfItems(plan, items, Refusal: null),
            [] => new PlanOfItems(
                null, items, new EventEffect.Refused("plan_unknown", "None of its prices belongs to a plan.")),
            _ => new PlanOfItems(
                null, items, new EventEffect.Refused("plans_mixed", "Its prices belong to more than one plan.")),
        };
    }

    private static SubscriptionItemRow Row(ProviderSubscriptionItem item, KnownPrice? price) => new(
        item.Id,
        item.Price,
        price?.Id,
        price?.Component ?? PriceComponent.Base,
        price?.Usage ?? PriceUsage.Licensed,
        item.Quantity,
        IsActive: true);

    private static KnownPrice Read(NpgsqlDataReader row) => new(
        new PlanPriceId(row.GetGuid(0)),
        new PlanVersionId(row.GetGuid(1)),
        row.GetString(2),
        row.Word<PriceComponent>(3),
        row.Word<PriceUsage>(4));

    private sealed record KnownPrice(
        PlanPriceId Id, PlanVersionId Plan, string ProviderId, PriceComponent Component, PriceUsage Usage);
}
