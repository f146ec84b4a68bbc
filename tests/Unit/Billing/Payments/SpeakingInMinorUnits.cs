using Quoin.Kernel;
using Quoin.Payments;

namespace Quoin.Tests.Unit.Billing.Payments;

public sealed class SpeakingInMinorUnits
{
    [Theory]
    [InlineData("USD", 4_900, 49_000_000)]
    [InlineData("JPY", 500, 500_000_000)]
    [InlineData("KWD", 1_500, 1_500_000)]
    [InlineData("USDC", 1, 1)]
    [InlineData("USD", -1, -10_000)]
    public void Goes_there_and_back_exactly(string code, long minor, long micros)
    {
        var money = MinorUnits.ToMoney(minor, Currency.Of(code));

        money.ShouldBe(new Money(micros, Currency.Of(code)));
        MinorUnits.Of(money).ShouldBe(minor);
    }

    [Fact]
    public void Refuses_what_does_not_divide()
    {
        MinorUnits.TryOf(new Money(10_001, Currency.Usd), out _).ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => MinorUnits.Of(new Money(9_999, Currency.Usd)));
        Should.Throw<OverflowException>(() => MinorUnits.ToMoney(long.MaxValue, Currency.Usd));
    }
}
