using FsCheck;
using FsCheck.Fluent;
using Quoin.Kernel;

namespace Quoin.Tests.Unit.Foundation.Kernel;

public sealed class AllocatingMoney
{
    [Fact]
    public void Gives_what_is_left_to_the_largest_remainders_then_to_the_first()
    {
        var parts = Allocation.ByWeight(new Money(100, Currency.Usd), [1, 1, 1]);

        parts.Select(part => part.Micros).ShouldBe([34, 33, 33]);
    }

    [Fact]
    public void Mirrors_a_negative_whole()
    {
        var parts = Allocation.ByWeight(new Money(-100, Currency.Usd), [1, 1, 1]);

        parts.Select(part => part.Micros).ShouldBe([-34, -33, -33]);
    }

    [Fact]
    public void Needs_a_positive_weight()
    {
        Should.Throw<ArgumentException>(() => Allocation.ByWeight(new Money(1, Currency.Usd), [0, 0]));
        Should.Throw<ArgumentOutOfRangeException>(() => Allocation.ByWeight(new Money(1, Currency.Usd), [1, -1]));
    }

    [Fact]
    public void Always_sums_to_the_whole() => Prop.ForAll(
        ArbMap.Default.ArbFor<long>().Filter(value => value != long.MinValue),
        ArbMap.Default.ArbFor<NonEmptyArray<NonNegativeInt>>(),
        (total, weights) =>
        {
            long[] used = [1, .. weights.Get.Select(weight => (long)weight.Get)];
            var parts = Allocation.ByWeight(new Money(total, Currency.Usd), used);
            return parts.Aggregate(Int128.Zero, (sum, part) => sum + part.Micros) == total;
        }).QuickCheckThrowOnFailure();
}
