using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Quoin.Payments;
using Quoin.Payments.Stripe;
using Quoin.Platform;
using Quoin.Tests.EndToEnd.Foundation.Accounts;
using Shouldly;
using Xunit;

namespace Quoin.Tests.EndToEnd.Billing.Payments;

/// <summary>Our signatures and the official library's are the same; so is the API version both ask for.</summary>
public sealed class SigningLikeStripe : IDisposable
{
    private const string Secret = "whsec_Zürich";
    private const long Seconds = 1_767_225_600;
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(Seconds);

    // Escapes, letters of several bytes and line ends: what a re-encoder would change.
    private static readonly byte[] Body = Encoding.UTF8.GetBytes(
        "{\n  \"id\": \"evt_1\", \"object\": \"event\", \"type\": \"payout.paid\", \"created\": 1767225600,\r\n"
        + "  \"data\": { \"object\": { \"id\": \"po_1\", \"note\": \"Zürich \\u2028 ☕ \\/\" } } }\n");

    private readonly string file = Path.GetTempFileName();

    private readonly StripeProvider provider = new(
        new StripeSettings { SecretKey = "sk_test_1", WebhookSecrets = [Secret] },
        TimeProvider.System,
        new Jitter(new Random(1)),
        NullLoggerFactory.Instance);

    [Fact]
    public async Task The_official_librarys_signature_is_genuine_to_us()
    {
        var header = (await NodeProgram.Run("stripe-signatures.mjs", "sign", await Written(), Secret, $"{Seconds}")).Trim();

        provider.ReadWebhook(Body, header, Now).ShouldBeOfType<WebhookReading.Genuine>().Head.Id.ShouldBe("evt_1");
    }

    [Fact]
    public async Task Our_signature_is_genuine_to_the_official_library()
    {
        var header = StripeSignature.Make(Body, Secret, Now);

        var id = await NodeProgram.Run("stripe-signatures.mjs", "verify", await Written(), Secret, header, $"{Seconds}");

        id.Trim().ShouldBe("evt_1");
    }

    [Fact]
    public async Task Both_ask_for_the_same_version_of_the_api() =>
        (await NodeProgram.Run("stripe-signatures.mjs", "version")).Trim().ShouldBe(provider.Provenance.ApiVersion);

    public void Dispose()
    {
        provider.Dispose();
        File.Delete(file);
    }

    private async Task<string> Written()
    {
        await File.WriteAllBytesAsync(file, Body);
        return file;
    }
}
