using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>
/// Lines at candidate prices. Every line moves its candidate position, those outside the range too, for tiers begin with
/// the period; only those inside count. A line whose candidate is the price it has counts as it is, where its meter's
/// parts do not add up.
/// </summary>
internal sealed class ShadowReplay(
    PriceSnapshot published,
    PriceSnapshot candidates,
    IReadOnlyDictionary<MeterId, Meter> meters,
    IReadOnlyDictionary<BillingAccountId, AccountPrices> accounts,
    ShadowRating rating)
{
    private readonly Dictionary<RatingKey, RatingPosition> positions = [];
    private readonly Dictionary<BillingAccountId, Sum> sums = [];

    /// <summary>Rates one more line.</summary>
    public void Next(RatedLine line)
    {
        var candidate = Candidate(line);
        if (!rating.Asked.Range.Contains(line.BucketStart))
        {
            return;
        }

        var sum = sums.GetValueOrDefault(line.Key.BillingAccount);
        sums[line.Key.BillingAccount] = new Sum(
            sum.Existing + line.Amount.Micros,
            sum.Candidate + (candidate ?? line.Amount.Micros),
            sum.Lines + 1,
            sum.Unchanged + (candidate is null ? 1 : 0));
    }

    /// <summary>What each account paid, and would have.</summary>
    public IReadOnlyList<ShadowCustomer> Customers(OrgId org) =>
    [
        .. sums.Select(pair => new ShadowCustomer(
            org,
            pair.Key,
            new Money(pair.Value.Existing, rating.Currency),
            new Money(pair.Value.Candidate, rating.Currency),
            pair.Value.Lines,
            pair.Value.Unchanged)),
    ];

    // Null: no candidate prices it otherwise than now.
    private long? Candidate(RatedLine line)
    {
        var meter = meters[line.Meter];
        var lookup = new PriceLookup(
            accounts.GetValueOrDefault(line.Key.BillingAccount) ?? AccountPrices.Catalogue,
            rating.Currency,
            meter.Key,
            line.Dimensions,
            line.BucketStart);
        if (candidates.Find(lookup) is not { } price || (!meter.IsAdditive && price.Version.Id == line.Version))
        {
            return null;
        }

        var key = line.Key with { Component = price.Version.Component, Group = price.Group };
        var isReplaced = !published.Versions.Contains(price.Version);
        var (version, cell, discount) = isReplaced
            ? (price.Version, price.Cell.Key, price.DiscountBps)
            : (published.Version(line.Version), line.Cell, line.DiscountBps);
        if (!positions.TryGetValue(key, out var position))
        {
            positions.Add(key, position = new RatingPosition());
        }

        if (line.IsLate)
        {
            position.BeClosed();
        }

        var step = line.Kind == LineKind.Minimum ? position.Close() : position.Add(version, cell, discount, line.Quantity);
        return step?.Micros;
    }

    private readonly record struct Sum(long Existing, long Candidate, long Lines, long Unchanged);
}
