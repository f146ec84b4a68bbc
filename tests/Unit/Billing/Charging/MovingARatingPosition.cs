using FsCheck;
using FsCheck.Fluent;
using Quoin.Charging;
using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Tests.Unit.Billing.Charging;

public sealed class MovingARatingPosition
{
    private static readonly IdSource Ids = new(TimeProvider.System);

    [Fact]
    public void Charges_the_total_not_the_parts()
    {
        var cheap = Price(0.15m, 1_000_000);
        var position = new RatingPosition();

        var deltas = Enumerable.Range(0, 20).Select(_ => Add(position, cheap, 1)!.Value).ToArray();

        // Each token costs 0.15 micros: rounded alone all would be free, or each a micro.
        deltas.Sum().ShouldBe(3);
        position.RatedMicros.ShouldBe(3);
    }

    [Fact]
    public void Sums_to_one_rating_of_the_whole_in_any_order_and_cut() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonEmptyArray<PositiveInt>>(),
        ArbMap.Default.ArbFor<int>(),
        (parts, seed) =>
        {
            PriceVersion[] versions = [Price(2.5m, 1_000_000), Price(0.0375m, 1_000), Price(0.000001m, 1)];
            var usage = parts.Get
                .Select((part, index) => new PricedQuantity(versions[index % 3], PriceCell.Whole, part.Get / 8m))
                .ToArray();
            var once = Rounding.HalfUpToMicros(Rating.Amount(usage));

            new Random(seed).Shuffle(usage);
            var position = new RatingPosition();
            var sum = usage.Sum(part => Add(position, part.Version, part.Quantity)!.Value);
            return sum == once && position.RatedMicros == once;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Keeps_the_quantity_of_each_price_version_apart()
    {
        var old = Price(1m, 1) with { EffectiveFrom = At(1) };
        var next = Price(2m, 1) with { EffectiveFrom = At(2) };
        var position = new RatingPosition();

        Add(position, next, 10);
        var late = Add(position, old, 5);

        late.ShouldBe(5_000_000);
        position.RatedMicros.ShouldBe(25_000_000);
        position.Parts.Select(part => part.Version.Id).ShouldBe([old.Id, next.Id]);
    }

    [Fact]
    public void Refuses_a_total_nobody_means_and_stays_where_it_was()
    {
        var dear = Price(1_000_000_000m, 1);
        var position = new RatingPosition();
        Add(position, dear, 1).ShouldBe(1_000_000_000_000_000);

        Add(position, dear, 1).ShouldBeNull();

        position.RatedMicros.ShouldBe(1_000_000_000_000_000);
        position.TotalQuantity.ShouldBe(1);
    }

    [Fact]
    public void Takes_usage_back_and_stands_where_it_stood()
    {
        var price = Price(0.37m, 3600) with { Cost = PriceTerms.PerUnit(0.11m, 3600) };
        var position = new RatingPosition();
        position.Add(price, PriceCell.Whole, 500, 1234);
        var (rated, cost) = (position.RatedMicros, position.CostMicros);

        position.Add(price, PriceCell.Whole, 0, 777);
        position.Add(price, PriceCell.Whole, 0, -777);

        (position.RatedMicros, position.CostMicros, position.TotalQuantity).ShouldBe((rated, cost, 1234m));
    }

    [Fact]
    public void Is_lifted_to_its_minimum_when_it_is_closed_and_no_further_by_what_comes_late()
    {
        var price = Price(1m, 1) with { Terms = PriceTerms.PerUnit(1m) with { Minimum = 5m } };
        var position = new RatingPosition();
        Add(position, price, 2).ShouldBe(2_000_000);

        position.Close()!.Value.Micros.ShouldBe(3_000_000);
        Add(position, price, 1).ShouldBe(0);
        Add(position, price, 4).ShouldBe(2_000_000);
    }

    [Fact]
    public void Is_set_to_what_a_gauge_comes_to()
    {
        var price = Price(3m, 1);
        var position = new RatingPosition();

        position.Set([new PricedQuantity(price, PriceCell.Whole, 7)])!.Value.ShouldBe(new PositionStep(7, 21_000_000, 0));
        position.Set([new PricedQuantity(price, PriceCell.Whole, 5)])!.Value.ShouldBe(new PositionStep(-2, -6_000_000, 0));
    }

    private static long? Add(RatingPosition position, PriceVersion version, decimal quantity) =>
        position.Add(version, PriceCell.Whole, 0, quantity)?.Micros;

    private static DateTimeOffset At(int hour) => new(2026, 1, 1, hour, 0, 0, TimeSpan.Zero);

    private static PriceVersion Price(decimal unitPrice, long per) => new(
        Ids.Next<PriceVersionId>(),
        Ids.Next<PriceBookId>(),
        Ids.Next<PriceComponentId>(),
        Currency.Usd,
        "llm.input_tokens",
        Dimensions.None,
        PriceTerms.PerUnit(unitPrice, per),
        At(0),
        At(0));
}
