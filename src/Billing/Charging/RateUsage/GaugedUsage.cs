using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>
/// Rates meters whose parts do not add up (largest, last, different values): what a key comes to is asked of Metering
/// anew, for each stretch of the period with one price. A stretch gets what the total is after it, less what it was
/// before, so that all stretches sum to the whole.
/// </summary>
internal static class GaugedUsage
{
    /// <summary>
    /// Whether a total can be told for each cell: no hours, no cell and no other component of the book that takes a part
    /// of another's usage.
    /// </summary>
    public static bool CanRate(PriceVersion version, PriceSnapshot prices)
    {
        var cells = version.Terms.Cells;
        return cells.All(cell => cell.Hours is null)
            && cells.Index().All(one => cells.Skip(one.Index + 1).All(other => Exclude(one.Item.Match, other.Match)))
            && prices.Versions.All(other => other.Book != version.Book
                || other.Meter != version.Meter
                || other.Component == version.Component
                || Exclude(other.Match, version.Match));
    }

    /// <summary>The questions whose answers make up one key's quantities.</summary>
    public static List<Stretch> Stretches(PricedUsage usage, PriceSnapshot prices)
    {
        var period = usage.Account.PeriodAt(usage.Key.PeriodStart);
        var stretches = new List<Stretch>();
        var cuts = Cuts(usage, prices, period);
        for (var index = 0; index < cuts.Count; index++)
        {
            var first = usage.Piece.First;
            var lookup = new PriceLookup(
                usage.Account.Prices, usage.Account.Profile.Currency, usage.Meter.Key, first.Dimensions, cuts[index]);
            if (prices.Find(lookup) is not { } price || price.Version.Component != usage.Key.Component)
            {
                continue;
            }

            var end = index + 1 < cuts.Count ? cuts[index + 1] : period.End;
            foreach (var cell in price.Version.Terms.Cells)
            {
                var match = Dimensions.Of(price.Version.Match.ToDictionary()
                    .Concat(usage.Key.Group.ToDictionary())
                    .Concat(cell.Match.ToDictionary())
                    .DistinctBy(pair => pair.Key));
                TotalQuery Total(DateTimeOffset until) => new(
                    usage.Key.Org, usage.Key.BillingAccount, usage.Meter.Id, match, new Period(period.Start, until));
                stretches.Add(new Stretch(
                    price.Version,
                    cell.Key,
                    price.DiscountBps,
                    cuts[index] == period.Start ? null : Total(cuts[index]),
                    Total(end)));
            }
        }

        return stretches;
    }

    // Where the price may change: at versions, and where what was agreed with the account begins or ends.
    private static List<DateTimeOffset> Cuts(PricedUsage usage, PriceSnapshot prices, Period period) =>
    [
        .. prices.Versions
            .Where(version => version.Component == usage.Key.Component)
            .Select(version => version.EffectiveFrom)
            .Concat(usage.Account.Prices.Books.SelectMany(book => new[] { book.InForce.Start, book.InForce.End }))
            .Where(period.Contains)
            .Select(NextQuarterHour)
            .Append(period.Start)
            .Where(period.Contains)
            .Distinct()
            .Order(),
    ];

    // Usage is priced by the start of its quarter hour, so a change within one takes effect with the next.
    private static DateTimeOffset NextQuarterHour(DateTimeOffset instant) =>
        QuarterHour.Of(instant) is var start && start == instant ? start : start.AddTicks(QuarterHour.Ticks);

    private static bool Exclude(Dimensions one, Dimensions other)
    {
        var (left, right) = (one.ToDictionary(), other.ToDictionary());
        return left.Any(pair => right.TryGetValue(pair.Key, out var value) && value != pair.Value);
    }

    /// <summary>A stretch of the period with one price, and what its total was before and is after it.</summary>
    internal sealed record Stretch(
        PriceVersion Version, string Cell, int DiscountBps, TotalQuery? Before, TotalQuery After);
}
