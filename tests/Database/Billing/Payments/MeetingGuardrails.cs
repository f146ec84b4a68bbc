using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Payments;
using Quoin.Payments.Stripe;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>The guardrails that no other test comes by; the others are looked at where they are met.</summary>
public sealed class MeetingGuardrails(NewsHost host) : IClassFixture<NewsHost>
{
    /// <summary>Another server than the provider's answers: what it says means nothing, and somebody must know.</summary>
    [Fact]
    public async Task Tells_of_answers_that_are_not_the_providers()
    {
        var settings = new StripeSettings
        {
            SecretKey = "sk_test_1",
            WebhookSecrets = ["whsec_1"],
            Address = host.First.Address,
        };
        await using var other = await TestHost.Start(
            host.Database, "api", configure: services => services.AddSingleton(new StripeAccounts(Live: null, settings)));
        using var heard = other.Hear();

        var outcome = await other.Get<IPaymentProviders>().Of(PaymentMode.Test)!.Customer("cus_1", CancellationToken.None);

        outcome.ShouldBeOfType<ProviderOutcome<ProviderCustomer>.Unknown>();
        heard.Codes.ShouldContain("BILLING_PROVIDER_ERROR_NOT_NORMALIZED");
    }

    [Fact]
    public async Task Tells_of_a_balance_that_is_longer_than_what_is_read()
    {
        host.Provider.HasMoreMoves = true;
        host.Clock.Advance(TimeSpan.FromHours(2));
        using var heard = host.Hear();

        await host.RunJobs();

        heard.Codes.ShouldContain("BILLING_CLEARING_MISMATCH");
        host.Provider.HasMoreMoves = false;
    }
}
