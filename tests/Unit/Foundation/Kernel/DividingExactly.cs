using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Quoin.Kernel;

namespace Quoin.Tests.Unit.Foundation.Kernel;

public sealed class DividingExactly
{
    [Theory]
    [InlineData("1", "3", "1/3")]
    [InlineData("2", "4", "0.5")]
    [InlineData("-10", "5", "-2")]
    [InlineData("2.5", "0.25", "10")]
    [InlineData("1", "-3", "-1/3")]
    public void Shows_all_digits_or_the_fraction(string left, string right, string text) =>
        (ExactFraction.Of(Number(left)) / Number(right)).ToString().ShouldBe(text);

    [Fact]
    public void Loses_nothing_between_dividing_and_multiplying() => Prop.ForAll(
        ArbMap.Default.ArbFor<long>(),
        ArbMap.Default.ArbFor<NonZeroInt>(),
        (value, divisor) => ExactFraction.Of(value) / divisor.Get * divisor.Get == ExactFraction.Of(value))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Keeps_sums_of_many_unlike_fractions_exact()
    {
        // 1/(n(n+1)) telescopes: the sum up to n is n/(n+1).
        var sum = Enumerable.Range(1, 500).Aggregate(
            ExactFraction.Zero, (all, n) => all + ExactFraction.Of(1, new BigInteger(n) * (n + 1)));

        sum.ShouldBe(ExactFraction.Of(500, 501));
        sum.GetHashCode().ShouldBe(ExactFraction.Of(1000, 1002).GetHashCode());
    }

    [Theory]
    [InlineData(1, 2, 0, 1_000_000)]
    [InlineData(-1, 2, 0, -1_000_000)]
    [InlineData(1, 3, 2, 330_000)]
    [InlineData(2, 3, 2, 670_000)]
    [InlineData(1, 200, 2, 10_000)]
    [InlineData(1, 3, 6, 333_333)]
    public void Rounds_half_away_from_zero_at_the_scale_asked_for(long numerator, long denominator, int digits, long micros) =>
        Rounding.HalfUpToMicros(ExactFraction.Of(numerator, denominator), digits).ShouldBe(micros);

    [Fact]
    public void Says_null_beyond_64_bits_instead_of_wrapping()
    {
        var most = ExactFraction.Of(long.MaxValue, 1_000_000);

        Rounding.HalfUpToMicros(most).ShouldBe(long.MaxValue);
        Rounding.HalfUpToMicros(most + 0.000001m).ShouldBeNull();
        Rounding.HalfUpToMicros(most, 0).ShouldBeNull();
    }

    [Theory]
    [InlineData(7, 2, 4)]
    [InlineData(8, 2, 4)]
    [InlineData(-7, 2, -3)]
    [InlineData(0, 5, 0)]
    public void Takes_the_next_whole_number_up(long numerator, long denominator, long whole) =>
        ExactFraction.Of(numerator, denominator).Ceiling().ShouldBe(new BigInteger(whole));

    private static decimal Number(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
