using Quoin.Kernel;

namespace Quoin.Tests.Unit.Foundation.Kernel;

public sealed class AddingMoney
{
    [Fact]
    public void Keeps_every_micro()
    {
        var sum = new Money(1, Currency.Usd) + new Money(2, Currency.Usd);

        sum.ShouldBe(new Money(3, Currency.Usd));
    }

    [Fact]
    public void Refuses_to_mix_currencies()
    {
        var dollars = new Money(1, Currency.Usd);
        var euros = new Money(1, Currency.Of("EUR"));

        Should.Throw<InvalidOperationException>(() => dollars + euros);
        Should.Throw<InvalidOperationException>(() => dollars < euros);
    }

    [Fact]
    public void Throws_instead_of_wrapping_around()
    {
        var most = new Money(long.MaxValue, Currency.Usd);

        Should.Throw<OverflowException>(() => most + new Money(1, Currency.Usd));
        Should.Throw<OverflowException>(() => -new Money(long.MinValue, Currency.Usd));
    }

    [Theory]
    [InlineData("USD")]
    [InlineData("USDC")]
    [InlineData("POINT")]
    public void Takes_currency_codes_of_three_to_five_capitals(string code) => Currency.Of(code).Code.ShouldBe(code);

    [Theory]
    [InlineData("US")]
    [InlineData("usd")]
    [InlineData("DOLLAR")]
    [InlineData("U$D")]
    [InlineData("")]
    [InlineData(null)]
    public void Refuses_other_currency_codes(string? code) => Currency.TryParse(code, out _).ShouldBeFalse();
}
