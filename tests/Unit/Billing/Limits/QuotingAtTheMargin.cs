using FsCheck;
using FsCheck.Fluent;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Pricing;
using Quoin.Tests.Unit.Billing.Pricing;

namespace Quoin.Tests.Unit.Billing.Limiting;

public sealed class QuotingAtTheMargin
{
    public static TheoryData<string> Models =>
    [
        "unit 0.0000025",
        "unit 0.37 per 3600",
        "flat 7",
        "package 1.5 size 7",
        "graduated 10@1 25@0.5 rest@0.125 per 3",
        "volume 10@1 25@0.5 rest@0.125 per 7",
        "percent 2.9",
        "unit 2 included 9",
        "unit 0.3, max 9",
        "eu: graduated 5@1 rest@0.3 / us: package 2 size 3, included 4 margin 0.3",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Parts_sum_to_the_rating_of_all_of_them_beyond_what_was_used_before(string model) => Prop
        .ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            var terms = PriceText.Terms(model);
            var version = PriceText.Version(terms) with { Cost = random.Next(2) == 0 ? null : terms };
            var discount = random.Next(2) * 1_500;
            decimal[] before = [.. terms.Cells.Select(_ => random.Next(2) == 0 ? 0 : random.Next(0, 4_000) / 100m)];
            PricedQuantity[] used =
                [.. terms.Cells.Zip(before).Select(one => new PricedQuantity(version, one.First.Key, one.Second, discount))];
            PricedQuantity[] more =
            [
                .. Enumerable.Range(0, random.Next(1, 5)).Select(_ => new PricedQuantity(
                    version, terms.Cells[random.Next(terms.Cells.Count)].Key, random.Next(0, 2_000) / 100m, discount)),
            ];

            var margin = new PriceMargin(version, discount, before);
            var quoted = Array.ConvertAll(more, one => margin.Add(one.Cell, one.Quantity));

            return IsClose(quoted.Sum(one => one.Customer), Rating.Amount([.. used, .. more]) - Rating.Amount(used))
                && IsClose(quoted.Sum(one => one.Provider), Rating.Cost([.. used, .. more]) - Rating.Cost(used));
        })
        .QuickCheckThrowOnFailure();

    [Fact]
    public void A_unit_price_is_quoted_to_the_last_decimal_and_needs_no_position()
    {
        var version = PriceText.Version(PriceText.Terms("unit 0.0000025"));

        PriceMargin.IsTheSameAnywhere(version).ShouldBeTrue();
        PriceMargin.IsTheSameAnywhere(PriceText.Version(PriceText.Terms("unit 2 included 9"))).ShouldBeFalse();
        new PriceMargin(version, 0, []).Add(PriceCell.Whole, 3).Customer.ShouldBe(7.5m);
    }

    [Fact]
    public void What_has_no_last_decimal_is_never_quoted_too_low()
    {
        var version = PriceText.Version(PriceText.Terms("unit 1 per 3"));

        new PriceMargin(version, 0, []).Add(PriceCell.Whole, 1).Customer.ShouldBe(333_333.333333333334m);
    }

    // Each part is at most a trillionth of a micro too high.
    private static bool IsClose(decimal micros, ExactFraction units)
    {
        var above = ExactFraction.Of(micros) - (units * 1_000_000m);
        return above.Sign >= 0 && above <= 0.00000000001m;
    }
}
