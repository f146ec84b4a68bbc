using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Quoin.Payments;
using Quoin.Payments.Stripe;
using Quoin.Platform;
using Quoin.StripeSimulator;
using Quoin.Tests.Support;

namespace Quoin.Tests.Unit.Apps.Simulating;

/// <summary>Every act Payments knows, done by its own client on the simulator: the two speak of the same Stripe.</summary>
public sealed class ServingOurOwnClient : IAsyncLifetime
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly Dictionary<string, string> Metadata = new() { ["operation_key"] = "op1", ["org_id"] = "org_1" };
    private readonly SettableClock clock = new();
    private SimulatorFixture stripe = null!;
    private StripeProvider provider = null!;
    private int keys;

    public async Task InitializeAsync()
    {
        stripe = await SimulatorFixture.Start(new SimulatorOptions { Time = clock, DeliversByItself = false });
        var settings = new StripeSettings
        {
            SecretKey = SimulatorFixture.SecretKey,
            WebhookSecrets = [SimulatorFixture.WebhookSecret],
            Address = stripe.Address,
        };
        provider = new StripeProvider(settings, TimeProvider.System, new Jitter(new Random(1)), NullLoggerFactory.Instance);
    }

    public async Task DisposeAsync()
    {
        provider.Dispose();
        await stripe.DisposeAsync();
    }

    [Fact]
    public async Task A_subscription_from_checkout_to_its_end()
    {
        var customer = Done(await provider.CreateCustomer(new CustomerParameters("a@example.com", "Acme", Metadata), Key(), Never));
        var price = Done(await provider.CreatePrice(
            new PriceParameters(null, "Pro", "USD", 2000, "month", 1, Metadata), Key(), Never));
        var dearer = Done(await provider.CreatePrice(
            new PriceParameters(price.Product, "Max", "USD", 5000, "month", 1, Metadata), Key(), Never));
        var checkout = await Checkout(CheckoutPurpose.Subscription, new CheckoutItem(price.Id, null, null, 1), customer.Id);
        Done(await provider.CheckoutsOf("op1", customer.Id, clock.GetUtcNow(), clock.GetUtcNow(), Never)).Count.ShouldBe(1);
        stripe.PayCheckout(checkout.Id).ShouldBeTrue();

        var paid = Done(await provider.Checkout(checkout.Id, Never));
        paid.Status.ShouldBe(ProviderCheckoutStatus.Complete);
        paid.IsPaid.ShouldBeTrue();
        var subscription = Done(await provider.Subscription(paid.Subscription!, Never));
        subscription.Status.ShouldBe("active");
        subscription.Metadata["operation_key"].ShouldBe("op1");
        subscription.PeriodEnd.ShouldBe(clock.GetUtcNow().AddMonths(1));
        var change = new SubscriptionChange(dearer.Id, true, null, null, clock.GetUtcNow());
        Done(await provider.PreviewChange(subscription.Id, change, Never)).AmountMinor.ShouldBe(3000);
        Done(await provider.ChangeSubscription(subscription.Id, change, Key(), Never)).Items.Single().Price.ShouldBe(dearer.Id);
        var paused = new SubscriptionChange(null, false, null, true, null);
        Done(await provider.ChangeSubscription(subscription.Id, paused, Key(), Never)).IsPaused.ShouldBeTrue();
        Done(await provider.ChangeSubscription(subscription.Id, paused with { IsPaused = false, EndsWithPeriod = true }, Key(), Never))
            .EndsWithPeriod.ShouldBeTrue();
        var invoices = Done(await provider.Invoices(customer.Id, clock.GetUtcNow(), Never)).Items;
        invoices.Select(invoice => invoice.PaidMinor).ShouldBe([3000, 2000]);
        invoices.ShouldAllBe(invoice => invoice.Payment != null && invoice.Subscription == subscription.Id);
        Done(await provider.Payment(invoices[0].Payment!, Never)).Invoice.ShouldBe(invoices[0].Id);
        Done(await provider.CancelSubscription(subscription.Id, Key(), Never)).Status.ShouldBe("canceled");
        Done(await provider.CancelSubscription(subscription.Id, Key(), Never)).EndedAt.ShouldNotBeNull();
        Done(await provider.Subscriptions(customer.Id, Never)).Items.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Money_once_and_back()
    {
        var checkout = await Checkout(CheckoutPurpose.Payment, new CheckoutItem(null, "Credit", 1500, 2), null);
        stripe.PayCheckout(checkout.Id).ShouldBeTrue();
        var paid = Done(await provider.Checkout(checkout.Id, Never));
        var payment = Done(await provider.Payment(paid.Payment!, Never));
        payment.Status.ShouldBe(ProviderPaymentStatus.Succeeded);
        payment.AmountMinor.ShouldBe(3000);
        payment.Invoice.ShouldBe(paid.Invoice);
        payment.Metadata["org_id"].ShouldBe("org_1");

        var refund = Done(await provider.Refund(
            new RefundParameters(payment.Id, 500, "requested_by_customer", Metadata), Key(), Never));

        Done(await provider.FindRefund(refund.Id, Never)).Status.ShouldBe(ProviderRefundStatus.Succeeded);
        Done(await provider.Payment(payment.Id, Never)).RefundedMinor.ShouldBe(500);
        stripe.Advance(TimeSpan.FromDays(5));
        var payout = Done(await provider.Payouts(clock.GetUtcNow(), Never)).Items.Single();
        payout.AmountMinor.ShouldBe(3000 - 87 - 30 - 500);
        Done(await provider.BalanceMoves(clock.GetUtcNow(), payout.Id, Never)).Items.Select(move => move.Kind)
            .ShouldBe(["charge", "refund", "payout"]);
    }

    [Fact]
    public async Task Methods_left_used_and_taken_away()
    {
        var customer = Done(await provider.CreateCustomer(new CustomerParameters(null, "Acme", Metadata), Key(), Never));
        var checkout = await Checkout(CheckoutPurpose.Setup, null, customer.Id);
        stripe.PayCheckout(checkout.Id, TestCards.FailsLater).ShouldBeTrue();
        var method = Done(await provider.PaymentMethods(customer.Id, Never)).Items.Single();
        method.Last4.ShouldBe("0341");
        Done(await provider.SetDefaultPaymentMethod(customer.Id, method.Id, Key(), Never)).DefaultPaymentMethod.ShouldBe(method.Id);
        var charge = new ChargeParameters(customer.Id, method.Id, "USD", 900, "Top-up", Metadata);

        var refused = await provider.Charge(charge, Key(), Never);
        stripe.Simulator.ChangeCard(method.Id, TestCards.Pays);
        var paid = Done(await provider.Charge(charge, Key(), Never));

        refused.ShouldBeOfType<ProviderOutcome<ProviderPayment>.Rejected>().Failure.Category.ShouldBe(ProviderFailureCategory.Declined);
        paid.Status.ShouldBe(ProviderPaymentStatus.Succeeded);
        Done(await provider.DetachPaymentMethod(method.Id, Key(), Never)).Customer.ShouldBeNull();
        Done(await provider.DetachPaymentMethod(method.Id, Key(), Never)).Customer.ShouldBeNull();
        Done(await provider.Customer(customer.Id, Never)).DefaultPaymentMethod.ShouldBeNull();
    }

    [Fact]
    public async Task A_dispute_and_its_evidence()
    {
        var checkout = await Checkout(CheckoutPurpose.Payment, new CheckoutItem(null, "Credit", 1500, 1), null);
        stripe.PayCheckout(checkout.Id, TestCards.IsDisputed).ShouldBeTrue();
        var opened = stripe.Simulator.All("dispute").Single()["id"]!.GetValue<string>();
        Done(await provider.Dispute(opened, Never)).IsWithdrawn.ShouldBeTrue();

        var decided = Done(await provider.SubmitEvidence(
            opened,
            new EvidenceParameters(
                "winning_evidence", [("log.txt", "text/plain", Encoding.UTF8.GetBytes("here"))], "Ada", "a@example.com", true),
            Key(),
            Never));

        decided.Status.ShouldBe("won");
        decided.IsReinstated.ShouldBeTrue();
    }

    [Fact]
    public async Task Pages_links_and_an_ended_checkout()
    {
        var customer = Done(await provider.CreateCustomer(new CustomerParameters(null, "Acme", Metadata), Key(), Never));
        var price = Done(await provider.CreatePrice(new PriceParameters(null, "Mug", "USD", 900, null, 1, Metadata), Key(), Never));

        var portal = Done(
            await provider.CreatePortal(provider.Freeze(new PortalParameters(customer.Id, "https://q/back")), Key(), Never));
        var link = Done(await provider.CreatePaymentLink(
            provider.Freeze(new PaymentLinkParameters([(price.Id, 2)], "https://q/done", Metadata)), Key(), Never));
        var checkout = await Checkout(CheckoutPurpose.Payment, new CheckoutItem(price.Id, null, null, 1), null);
        var ended = Done(await provider.ExpireCheckout(checkout.Id, Key(), Never));

        portal.Url.ShouldStartWith(stripe.Address.ToString());
        link.IsActive.ShouldBeTrue();
        stripe.PayCheckout(stripe.Simulator.VisitLink(link.Id)).ShouldBeTrue();
        ended.Status.ShouldBe(ProviderCheckoutStatus.Expired);
        Done(await provider.ExpireCheckout(checkout.Id, Key(), Never)).Status.ShouldBe(ProviderCheckoutStatus.Expired);
        (await provider.Checkout("cs_test_none", Never)).ShouldBeOfType<ProviderOutcome<ProviderCheckout>.NotFound>();
    }

    [Fact]
    public async Task All_news_of_the_simulator_can_be_read()
    {
        var checkout = await Checkout(CheckoutPurpose.Payment, new CheckoutItem(null, "Credit", 1500, 1), null);
        stripe.PayCheckout(checkout.Id, TestCards.IsDisputed).ShouldBeTrue();
        stripe.Advance(TimeSpan.FromDays(9));

        foreach (var news in stripe.Simulator.All("event"))
        {
            var body = news.ToJsonString();
            var at = clock.GetUtcNow();
            var signature = Quoin.StripeSimulator.Webhooks.Signature.Of(body, at.ToUnixTimeSeconds(), SimulatorFixture.WebhookSecret);
            var reading = provider.ReadWebhook(Encoding.UTF8.GetBytes(body), signature, at);
            reading.ShouldBeOfType<WebhookReading.Genuine>(news["type"]!.ToString());
        }
    }

    private static T Done<T>(ProviderOutcome<T> outcome) => outcome is ProviderOutcome<T>.Done(var value, _)
        ? value
        : throw new ShouldAssertException($"The outcome is {outcome}.");

    private string Key() => $"key-{++keys}";

    private async Task<ProviderCheckout> Checkout(CheckoutPurpose purpose, CheckoutItem? item, string? customer)
    {
        var frozen = provider.Freeze(new CheckoutParameters(
            purpose, "USD", item is null ? [] : [item], customer, null, "ba_1", "https://q/done", "https://q/back",
            clock.GetUtcNow().AddHours(24), 0, Metadata));
        return Done(await provider.CreateCheckout(frozen, Key(), Never));
    }
}
