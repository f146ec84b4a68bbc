using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Tests.Unit.Billing.Ledger;

public sealed class SpeakingInCredits
{
    [Theory]
    [InlineData("USD", 1_000_000, "1000")]
    [InlineData("USDC", 1_000_000, "1000")]
    [InlineData("USD", 10_000, "10")]
    [InlineData("USD", 1_000, "1")]
    [InlineData("USD", 1, "0.001")]
    [InlineData("USD", -1_500, "-1.5")]
    [InlineData("USD", 0, "0")]
    public void Is_a_tenth_of_a_cent_and_exact(string currency, long micros, string credits) => Credits
        .Of(new Money(micros, Currency.Of(currency)))
        .ShouldBe(decimal.Parse(credits, System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void Is_no_unit_of_other_money() => Credits.Of(new Money(1_000_000, Currency.Of("EUR"))).ShouldBeNull();
}
