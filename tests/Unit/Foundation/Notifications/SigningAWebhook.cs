using Quoin.Notifications;

namespace Quoin.Tests.Unit.Foundation.Notifications;

public sealed class SigningAWebhook
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    [Fact]
    public void Gives_what_the_libraries_of_standard_webhooks_expect()
    {
        // The vector every library of github.com/standard-webhooks/standard-webhooks tests with.
        var signature = StandardWebhooks.Sign(
            StandardWebhooks.ReadSecret(Secret)!, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}""");

        signature.ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    [Fact]
    public void Shows_a_secret_so_that_it_can_be_read_again()
    {
        StandardWebhooks.SecretText(StandardWebhooks.ReadSecret(Secret)).ShouldBe(Secret);
    }

    [Theory]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_not base64")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS")]
    public void Reads_nothing_that_is_no_secret(string text)
    {
        StandardWebhooks.ReadSecret(text).ShouldBeNull();
    }
}
