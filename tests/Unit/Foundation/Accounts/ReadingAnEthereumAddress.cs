using Quoin.Accounts;

namespace Quoin.Tests.Unit.Foundation.Accounts;

public sealed class ReadingAnEthereumAddress
{
    [Theory]
    [InlineData("0x52908400098527886E0F7030069857D2E4169EE7")]
    [InlineData("0x8617E340B3D01FA5F11F306F4090FD50E238070D")]
    [InlineData("0xde709f2102306220921060314715629080e2fb77")]
    [InlineData("0x27b1fdb04752bbc536007a920d24acb045561c26")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359")]
    [InlineData("0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB")]
    [InlineData("0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb")]
    public void Takes_every_vector_of_eip_55(string vector)
    {
        var isRead = EthereumAddress.TryParse(vector, out var address);

        isRead.ShouldBeTrue();
        address.ToString().ShouldBe(vector);
        EthereumAddress.Of(address.ToBytes()).ShouldBe(address);
    }

    [Fact]
    public void Gives_a_small_one_its_checksum()
    {
        EthereumAddress.TryParseSmall("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", out var address).ShouldBeTrue();

        address.ToString().ShouldBe("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
        EthereumAddress.TryParseSmall("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")]
    [InlineData("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD")]
    [InlineData("0X5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg")]
    [InlineData("")]
    public void Refuses_what_has_lost_its_checksum_or_its_form(string text) =>
        EthereumAddress.TryParse(text, out _).ShouldBeFalse();
}
