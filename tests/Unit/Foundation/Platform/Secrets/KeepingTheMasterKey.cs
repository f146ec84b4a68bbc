using Quoin.Platform;

namespace Quoin.Tests.Unit.Foundation.Platform.Keeping;

public sealed class KeepingTheMasterKey
{
    [Theory]
    [InlineData("")]
    [InlineData("not base64")]
    [InlineData("c2hvcnQ=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Refuses_what_is_not_a_key_without_repeating_it(string text)
    {
        var refusal = Should.Throw<MasterKeyException>(() => MasterKeys.Given(text));

        refusal.Message.ShouldStartWith("QUOIN_MASTER_KEY is not a master key");
        if (text.Length > 0)
        {
            refusal.Message.ShouldNotContain(text);
        }
    }

    [Fact]
    public void Tells_keys_apart_by_an_id_that_does_not_tell_the_key()
    {
        var key = MasterKey.Create();

        key.Id.Length.ShouldBe(16);
        key.Id.ShouldNotBe(MasterKey.Create().Id);
    }
}
