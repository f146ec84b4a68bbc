using Quoin.Payments.Stripe;
using Shouldly;
using Xunit;

namespace Quoin.Tests.Unit.Billing.Payments.Stripe;

/// <summary>Case T56: an account is configured wholly or not at all, and never with a key of the other mode.</summary>
public sealed class ConfiguringStripe
{
    [Fact]
    public void A_host_needs_no_payment_secret()
    {
        var accounts = Read([], out var wrong);

        (accounts, wrong).ShouldBe((StripeAccounts.None, null));
    }

    [Fact]
    public void Both_modes_stand_beside_each_other()
    {
        var accounts = Read(
            new()
            {
                ["QUOIN_STRIPE_SECRET_KEY"] = "sk_live_1",
                ["QUOIN_STRIPE_WEBHOOK_SECRETS"] = "whsec_new, whsec_old",
                ["QUOIN_STRIPE_TEST_SECRET_KEY"] = "anything",
                ["QUOIN_STRIPE_TEST_WEBHOOK_SECRETS"] = "whsec_1",
                ["QUOIN_STRIPE_TEST_URL"] = "http://127.0.0.1:4010",
            },
            out _).ShouldNotBeNull();

        accounts.Live.ShouldNotBeNull().WebhookSecrets.ShouldBe(["whsec_new", "whsec_old"]);
        accounts.Live.Address.ShouldBe(StripeSettings.StripeAddress);
        accounts.Live.Timeout.ShouldBe(TimeSpan.FromSeconds(30));
        accounts.Test.ShouldNotBeNull().Address.Port.ShouldBe(4010);
    }

    [Theory]
    [InlineData("sk_live_1", null, null, "QUOIN_STRIPE_WEBHOOK_SECRETS is not")]
    [InlineData(null, "whsec_1", null, "QUOIN_STRIPE_SECRET_KEY is not")]
    [InlineData(null, null, "https://x.example", "QUOIN_STRIPE_SECRET_KEY is not")]
    [InlineData("sk_test_1", "whsec_1", null, "live mode")]
    [InlineData("sk_live_1 ", "whsec_1", null, "blanks")]
    [InlineData("sk_live_1", "sk_live_1", null, "whsec_")]
    [InlineData("sk_live_1", "whsec_a b", null, "whsec_")]
    [InlineData("sk_live_1", ",", null, "whsec_")]
    [InlineData("sk_live_1", "whsec_1", "http://x.example", "https")]
    public void Half_an_account_is_refused_and_no_secret_is_printed(string? key, string? secrets, string? url, string says)
    {
        var variables = new Dictionary<string, string?>
        {
            ["QUOIN_STRIPE_SECRET_KEY"] = key,
            ["QUOIN_STRIPE_WEBHOOK_SECRETS"] = secrets,
            ["QUOIN_STRIPE_URL"] = url,
        };

        Read(variables, out var wrong).ShouldBeNull();

        wrong.ShouldNotBeNull().ShouldContain(says);
        wrong.ShouldNotContain("sk_live_1");
    }

    [Fact]
    public void Settings_do_not_print_their_secrets() =>
        new StripeSettings { SecretKey = "sk_live_1", WebhookSecrets = ["whsec_1"] }.ToString()
            .ShouldBe("Stripe at https://api.stripe.com/");

    private static StripeAccounts? Read(Dictionary<string, string?> variables, out string? wrong) =>
        StripeAccounts.Read(variables.GetValueOrDefault, out wrong);
}
