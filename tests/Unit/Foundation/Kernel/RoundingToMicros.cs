using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Quoin.Kernel;

namespace Quoin.Tests.Unit.Foundation.Kernel;

public sealed class RoundingToMicros
{
    [Theory]
    [InlineData("0.0000004", 0)]
    [InlineData("0.0000005", 1)]
    [InlineData("0.00000049999999999999999999", 0)]
    [InlineData("1.0000015", 1_000_002)]
    [InlineData("-0.0000005", -1)]
    [InlineData("-0.0000004", 0)]
    [InlineData("47.608895", 47_608_895)]
    public void Sends_halves_away_from_zero(string units, long micros) =>
        Rounding.HalfUpToMicros(decimal.Parse(units, CultureInfo.InvariantCulture)).ShouldBe(micros);

    [Fact]
    public void Says_when_the_micros_do_not_fit()
    {
        Rounding.HalfUpToMicros(9_223_372_036_854.775807m).ShouldBe(long.MaxValue);
        Rounding.HalfUpToMicros(9_223_372_036_854.7758075m).ShouldBeNull();
    }

    [Fact]
    public void Does_not_lose_digits_a_decimal_would()
    {
        var product = ExactDecimal.Of(999_999_999_999.999999m) * 999_999_999.999999999999m;

        product.ToString().ShouldBe("999999999999999998999.000000000000000001");
    }

    [Fact]
    public void Agrees_with_decimal_arithmetic_where_that_is_exact() => Prop.ForAll(
        ArbMap.Default.ArbFor<int>(),
        ArbMap.Default.ArbFor<int>(),
        (left, right) =>
        {
            var exact = ExactDecimal.Of(left / 1000m) * (right / 100m);
            var plain = left / 1000m * (right / 100m);
            return exact.CompareTo(plain) == 0
                && (ExactDecimal.Of(left) + right).ToDecimal() == (decimal)left + right
                && (ExactDecimal.Of(left) - right).ToDecimal() == (decimal)left - right;
        }).QuickCheckThrowOnFailure();
}
