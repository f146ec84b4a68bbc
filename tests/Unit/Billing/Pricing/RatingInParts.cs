using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Tests.Unit.Billing.Pricing;

public sealed class RatingInParts
{
    private static readonly string[] Models =
    [
        "flat 7",
        "unit 0.37 per 3600",
        "package 1.5 size 7",
        "graduated 10@1 25@0.5 rest@0.125 per 3",
        "graduated 10@1+2 25@0.5+3 rest@0.125",
        "volume 10@1 25@0.5 rest@0.125 per 7",
        "percent 2.9",
        "unit 2 included 9",
        "unit 0.3, max 9",
        "unit 0.3, min 40",
        "eu: graduated 5@1 rest@0.3 / us: package 2 size 3, included 4 margin 0.3",
        "eu: volume 5@1 rest@0.3 / us: unit 2 per 9, markup 0.17 max 60",
    ];

    public static TheoryData<string> AllModels => [.. Models];

    [Theory]
    [MemberData(nameof(AllModels))]
    public void Sums_to_the_one_shot_total_in_any_order_and_cut(string model) => Check((seed, random) =>
    {
        var parts = RandomParts(model, random, 20);
        var once = Rating.Micros(parts)!.Value;

        random.Shuffle(parts);
        var (sum, before, seen) = (0L, 0L, new List<PricedQuantity>());
        while (seen.Count < parts.Length)
        {
            seen.AddRange(parts.Skip(seen.Count).Take(random.Next(1, 5)));
            var now = Rating.Micros(seen)!.Value;
            (sum, before) = (sum + now - before, now);
        }

        return sum == once;
    });

    [Theory]
    [MemberData(nameof(AllModels))]
    public void Does_not_care_how_a_quantity_is_cut(string model) => Check((seed, random) =>
    {
        var parts = RandomParts(model, random, 8);
        PricedQuantity[] cut =
        [
            .. parts.SelectMany(part => new[]
            {
                part with { Quantity = part.Quantity * 0.3m },
                part with { Quantity = part.Quantity - (part.Quantity * 0.3m) },
            }),
        ];
        random.Shuffle(cut);
        return Rating.Amount(parts) == Rating.Amount(cut);
    });

    [Theory]
    [MemberData(nameof(AllModels))]
    public void Takes_back_exactly_what_it_charged(string model) => Check((seed, random) =>
    {
        var parts = RandomParts(model, random, 6);
        PricedQuantity[] back = [.. parts.Select(part => part with { Quantity = -part.Quantity })];
        var terms = parts[0].Version.Terms;
        return Rating.Amount([.. parts, .. back]).IsZero
            && (terms.Maximum is not null || Rating.Amount(Versionwise(back)) == -Rating.Amount(Versionwise(parts)));
    });

    [Theory]
    [MemberData(nameof(AllModels))]
    public void Explains_itself_to_the_last_digit(string model) => Check((seed, random) =>
    {
        var parts = RandomParts(model, random, 8);
        var explained = Rating.Explain(parts, isClosed: seed % 2 == 0);
        return explained.Amount == Rating.Amount(parts, isClosed: seed % 2 == 0)
            && explained.Steps.Aggregate(ExactFraction.Zero, (sum, step) => sum + step.Amount) == explained.Amount;
    });

    [Fact]
    public void Takes_up_at_a_new_price_where_the_old_one_left_it() => Check((seed, random) =>
    {
        string[] uncapped = [.. Models.Where(model => !model.Contains("max") && !model.Contains(':'))];
        var (old, next) = (Some(uncapped, random, 0), Some(uncapped, random, 1));
        decimal first = random.Next(0, 60), second = random.Next(0, 60);

        var expected = Alone(old, first) + Alone(next, first + second) - Alone(next, first);
        return Rating.Amount([Of(next, second), Of(old, first)]) == expected;
    });

    [Fact]
    public void Prices_unit_by_unit_what_tiers_say() => Check((seed, random) =>
    {
        // The definition itself: each unit costs its tier's price; all units cost the price of the last one's tier.
        PriceTier[] tiers = [new(random.Next(1, 9), 4), new(random.Next(10, 30), 3), new(null, 1)];
        var quantity = random.Next(0, 60);
        PriceTier TierOf(int unit) => tiers.First(tier => tier.UpTo is null || unit <= tier.UpTo);

        var graduated = Enumerable.Range(1, quantity).Sum(unit => TierOf(unit).UnitPrice);
        var volume = quantity == 0 ? 0 : quantity * TierOf(quantity).UnitPrice;
        return Alone(Version(new PriceModel.Graduated(tiers)), quantity) == graduated
            && Alone(Version(new PriceModel.Volume(tiers)), quantity) == volume;
    });

    [Fact]
    public void Does_not_jump_between_graduated_tiers() => Check((seed, random) =>
    {
        var version = PriceText.Version(PriceText.Terms("graduated 10@1 25@0.5 rest@0.125"));
        var step = random.Next(1, 1_000_000) / 1_000_000m;
        return new[] { 10m, 25m }.All(end =>
            (Alone(version, end + step) - Alone(version, end)) <= ExactFraction.Of(step)
            && (Alone(version, end) - Alone(version, end - step)) <= ExactFraction.Of(step));
    });

    [Fact]
    public void Says_null_where_micros_do_not_fit_and_never_wraps() => Check((seed, random) =>
    {
        var price = (decimal)random.NextInt64(1, long.MaxValue);
        var quantity = (decimal)random.NextInt64(1, long.MaxValue) / random.Next(1, 1_000_000_000);
        var version = Version(new PriceModel.PerUnit(price));
        var exact = ExactFraction.Of(price) * quantity * 1_000_000m;
        var micros = Rating.Micros([Of(version, quantity)]);
        return exact > ExactFraction.Of(new BigInteger(long.MaxValue) + 1, 1)
            ? micros is null
            : micros is { } value && (ExactFraction.Of(value) - exact).Abs() <= 0.5m;
    });

    [Fact]
    public void Costs_by_the_same_rules_from_the_cost_terms()
    {
        var price = PriceText.Version(PriceText.Terms("eu: unit 3 / us: unit 4"));
        var version = price with { Cost = PriceText.Terms("eu: unit 1 / us: unit 2") };
        var same = version with { Cost = PriceText.Terms("graduated 10@2 rest@1") };
        var none = version with { Cost = null };

        Rating.Cost(PriceText.Quantities(version, "eu=5 us=7")).ShouldBe(ExactFraction.Of(5 + 14m));
        Rating.Cost(PriceText.Quantities(same, "eu=5 us=7")).ShouldBe(ExactFraction.Of(20 + 2m));
        Rating.Cost(PriceText.Quantities(none, "eu=5 us=7")).ShouldBe(ExactFraction.Zero);
    }

    [Fact]
    public void Takes_a_contracts_discount_off_what_it_was_agreed_for()
    {
        var version = PriceText.Version(PriceText.Terms("graduated 10@2 rest@1"));

        // 8 × 2 without; then 2 × 2 and 3 × 1 less a tenth.
        Rating.Amount([new PricedQuantity(version, "all", 8), new PricedQuantity(version, "all", 5, 1_000)])
            .ShouldBe(ExactFraction.Of(16 + 6.3m));
    }

    [Fact]
    public void Comes_to_nothing_without_any_usage() => Rating.Micros([], isClosed: true).ShouldBe(0);

    private static void Check(Func<int, Random, bool> holds) => Prop
        .ForAll(ArbMap.Default.ArbFor<int>(), seed => holds(seed, new Random(seed)))
        .QuickCheckThrowOnFailure();

    private static PricedQuantity[] RandomParts(string model, Random random, int count)
    {
        var terms = PriceText.Terms(model);
        PriceVersion[] versions = [.. Enumerable.Range(0, 3).Select(hour => PriceText.Version(terms, hour, random.Next(2) * 6))];
        var keys = versions[0].Terms.Cells.Select(cell => cell.Key).ToArray();
        return
        [
            .. Enumerable.Range(0, random.Next(1, count)).Select(_ => new PricedQuantity(
                versions[random.Next(3)], keys[random.Next(keys.Length)], random.Next(0, 2_000) / 100m)),
        ];
    }

    private static PricedQuantity[] Versionwise(PricedQuantity[] parts) => [.. parts.Where(part => part.Version == parts[0].Version)];

    private static PriceVersion Some(string[] models, Random random, int hour) =>
        PriceText.Version(PriceText.Terms(models[random.Next(models.Length)]), hour);

    private static PriceVersion Version(PriceModel model) => PriceText.Version(PriceTerms.Of(model));

    private static PricedQuantity Of(PriceVersion version, decimal quantity) => new(version, PriceCell.Whole, quantity);

    private static ExactFraction Alone(PriceVersion version, decimal quantity) => Rating.Amount(Of(version, quantity));
}
