using Microsoft.Extensions.Logging.Abstractions;
using Quoin.Accounts;
using Quoin.Payments;
using Quoin.Payments.Stripe;
using Quoin.Platform;
using Quoin.StripeSimulator;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>
/// The whole way through the adapter and over a socket: what the interleavings of the scripted provider prove holds for a
/// provider that forgets, breaks off and answers twice as the real one does.
/// </summary>
public sealed class BuyingAtTheSimulator(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static int seeds = 50_000;

    private readonly SettableClock clock = new(new DateTimeOffset(2026, 4, 1, 12, 0, 0, TimeSpan.Zero));
    private SimulatorFixture stripe = null!;
    private StripeProvider provider = null!;
    private PaymentsReplica replica = null!;
    private BillingAccountProfile account = null!;

    public async Task InitializeAsync()
    {
        stripe = await SimulatorFixture.Start(
            new SimulatorOptions { Seed = Interlocked.Increment(ref seeds), Time = clock });
        var settings = new StripeSettings
        {
            SecretKey = SimulatorFixture.SecretKey,
            WebhookSecrets = [SimulatorFixture.WebhookSecret],
            Address = stripe.Address,
            Timeout = TimeSpan.FromSeconds(20),
            RetryDelay = TimeSpan.FromMilliseconds(1),
        };
        provider = new StripeProvider(settings, TimeProvider.System, new Jitter(new Random(1)), NullLoggerFactory.Instance);
        replica = new PaymentsReplica(database, clock, provider);
        account = await replica.CreateAccount();
        var price = (ProviderOutcome<ProviderPrice>.Done)await provider.CreatePrice(
            new PriceParameters(null, "Starter", "USD", 4_900, "month", 1, new Dictionary<string, string>()),
            $"price-{seeds}",
            CancellationToken.None);
        await replica.Execute("delete from payments.plan_prices where true");
        await replica.PricePlan(price: price.Value.Id);
    }

    public async Task DisposeAsync()
    {
        await replica.DisposeAsync();
        provider.Dispose();
        await stripe.DisposeAsync();
    }

    [Fact]
    public async Task Opens_one_page_that_can_be_paid()
    {
        var answer = (await replica.Buy(account, "k1")).ShouldBeOpened();
        (await replica.Buy(account, "k1")).ShouldBeOpened().ShouldBe(answer);

        stripe.PayCheckout(answer.Checkout.ProviderCheckoutId).ShouldBeTrue();

        var session = Done(await provider.Checkout(answer.Checkout.ProviderCheckoutId, CancellationToken.None));
        session.Status.ShouldBe(ProviderCheckoutStatus.Complete);
        session.Metadata["operation_key"].ShouldBe(answer.OperationKey);
        var subscription = Done(await provider.Subscription(session.Subscription!, CancellationToken.None));
        subscription.Metadata["billing_account_id"].ShouldBe(account.Id.ToString());
        subscription.Metadata["plan"].ShouldBe("starter");
    }

    /// <summary>Case T10 and T23 over a socket. The adapter's own repetitions may have learnt of it already.</summary>
    [Theory]
    [InlineData(FaultKind.ResetBefore)]
    [InlineData(FaultKind.ResetAfter)]
    [InlineData(FaultKind.ErrorAfter)]
    [InlineData(FaultKind.RateLimit)]
    public async Task Makes_one_page_whatever_was_lost(FaultKind fault)
    {
        stripe.Fault(fault, "/v1/checkout/sessions", "POST", times: 20);
        var first = await replica.Buy(account, "k1");
        stripe.Simulator.ClearFaults();

        var answer = (first is PaymentRequestOutcome.Answered ? first : await replica.RecoverLater(account, "k1")).ShouldBeOpened();

        (await Made(answer.OperationKey)).ShouldHaveSingleItem().Id.ShouldBe(answer.Checkout.ProviderCheckoutId);
    }

    /// <summary>A failure kept under the key is told for ever; that nothing was made is believed after some time.</summary>
    [Fact]
    public async Task Lets_a_new_purchase_in_once_a_failed_one_is_known_to_have_made_nothing()
    {
        stripe.Fault(FaultKind.ErrorBefore, "/v1/checkout/sessions", "POST", times: 20);
        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);
        stripe.Simulator.ClearFaults();

        (await replica.RecoverLater(account, "k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);
        (await replica.RecoverLater(account, "k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);
        (await replica.Buy(account, "k2")).ShouldBeRefused(PaymentsProblems.CheckoutInProgress);
        (await replica.RecoverLater(account, "k1")).ShouldBeRefused(PaymentsProblems.CheckoutProviderError);

        (await Made((string)(await replica.Request(account, "k1"))["operation_key"]!)).ShouldBeEmpty();
        (await replica.Buy(account, "k2")).ShouldBeOpened();
    }

    /// <summary>Case T24 over a socket.</summary>
    [Fact]
    public async Task Keeps_what_the_provider_refuses()
    {
        await replica.Execute("update payments.plan_prices set provider_price_id = 'price_nobody_made'");

        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.CheckoutProviderError);
        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.CheckoutProviderError);
    }

    [Fact]
    public async Task Makes_a_link_of_lines_of_its_own()
    {
        var outcome = await replica.Get<PaymentLinks>().Make(
            new NewPaymentLink(account, "/thanks", [new PaymentLinkItem(2, null, "Workshop", 2_500)]),
            "k1",
            "usr_test",
            CancellationToken.None);

        var answer = System.Text.Json.JsonSerializer.Deserialize<PaymentLinkAnswer>(
            outcome.ShouldBeOfType<PaymentRequestOutcome.Answered>().Response, JsonConventions.Options)!;
        answer.PaymentLink.Active.ShouldBeTrue();
        answer.PaymentLink.Url.ShouldStartWith(stripe.Address.ToString());
    }

    [Fact]
    public async Task Opens_the_pages_of_one_payment_and_of_leaving_a_method()
    {
        var once = (await replica.PayOnce(account, "o1", 12_345)).ShouldBeOpened();
        Done(await provider.Checkout(once.Checkout.ProviderCheckoutId, CancellationToken.None)).AmountMinor.ShouldBe(12_345);

        var setup = (await replica.Get<Checkouts>().Open(
            new NewCheckout(account, CheckoutFlow.Setup, null, null, "/done", "/cancelled"),
            "s1",
            "usr_test",
            CancellationToken.None)).ShouldBeOpened();
        setup.Checkout.CheckoutUrl.ShouldNotBeNull();
    }

    private async Task<IReadOnlyList<ProviderCheckout>> Made(string operationKey) => Done(await provider.CheckoutsOf(
        operationKey, null, clock.GetUtcNow().AddDays(-1), clock.GetUtcNow().AddDays(1), CancellationToken.None));

    private static T Done<T>(ProviderOutcome<T> outcome) => outcome.ShouldBeOfType<ProviderOutcome<T>.Done>().Value;
}
