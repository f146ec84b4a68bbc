using Quoin.Accounts;

namespace Quoin.Tests.Unit.Foundation.Accounts;

/// <summary>EIP-191 with the vectors of web3.js's and ethers' documentation.</summary>
public sealed class RecoveringASigner
{
    private const string Signer = "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23";
    private const string R = "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd";
    private const string S = "6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a029";

    // n − S: the same point mirrored, with the other parity.
    private const string MirroredS = "9ff818b327d1fc847ffe79bdd03d25e83e3a5df66962ceb160751b8bd754a118";

    [Theory]
    [InlineData("Some data", "1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655")]
    [InlineData("hello world", "d9eba16ed0ecae432b71fe008c98cc872bb4cc214d3220a36f365326cf807d68")]
    public void Hashes_a_text_behind_the_prefix_of_eip_191(string text, string hash) =>
        Convert.ToHexStringLower(EthereumSignature.HashOf(text)).ShouldBe(hash);

    [Theory]
    [InlineData("1c")]
    [InlineData("01")]
    public void Finds_who_signed(string parity) =>
        EthereumSignature.Signer("Some data", $"0x{R}{S}{parity}").ToString().ShouldBe(Signer);

    [Fact]
    public void Finds_another_signer_for_another_text_and_for_the_other_point()
    {
        EthereumSignature.Signer("Some dat4", $"0x{R}{S}1c").ToString().ShouldNotBe(Signer);
        EthereumSignature.Signer("Some data", $"0x{R}{S}1b").ToString().ShouldNotBe(Signer);
    }

    [Fact]
    public void Refuses_the_mirror_image_of_a_signature() =>
        EthereumSignature.Signer("Some data", $"0x{R}{MirroredS}1b").ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("0x" + R + S)]
    [InlineData("0x" + R + S + "1d")]
    [InlineData("0x" + R + S + "02")]
    [InlineData("0x" + R + S + "1c00")]
    [InlineData("0y" + R + S + "1c")]
    [InlineData("0x" + R + "0000000000000000000000000000000000000000000000000000000000000000" + "1c")]
    [InlineData("0x" + "0000000000000000000000000000000000000000000000000000000000000000" + S + "1c")]
    [InlineData("0x" + "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141" + S + "1c")]
    [InlineData("0x" + "0000000000000000000000000000000000000000000000000000000000000005" + S + "1c")]
    public void Refuses_what_is_no_signature(string signature) =>
        EthereumSignature.Signer("Some data", signature).ShouldBeNull();
}
