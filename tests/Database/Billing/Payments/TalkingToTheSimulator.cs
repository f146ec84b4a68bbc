using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Quoin.Payments;
using Quoin.Payments.Stripe;
using Quoin.Platform;
using Quoin.StripeSimulator;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>Every call of the adapter against a simulator that the vendor's own client is satisfied with.</summary>
public sealed class TalkingToTheSimulator(SimulatorFixture stripe) : IClassFixture<SimulatorFixture>, IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private readonly StripeProvider provider = ProviderOf(stripe);
    private readonly string unique = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>An adapter that talks to a simulator, fast.</summary>
    public static StripeProvider ProviderOf(SimulatorFixture stripe, TimeSpan? timeout = null) => new(
        SettingsOf(stripe, timeout), TimeProvider.System, new Jitter(new Random(1)), NullLoggerFactory.Instance);

    /// <summary>How a simulator is reached.</summary>
    public static StripeSettings SettingsOf(SimulatorFixture stripe, TimeSpan? timeout = null) => new()
    {
        SecretKey = SimulatorFixture.SecretKey,
        WebhookSecrets = [SimulatorFixture.WebhookSecret],
        Address = stripe.Address,
        Timeout = timeout ?? TimeSpan.FromSeconds(10),
        RetryDelay = TimeSpan.FromMilliseconds(1),
    };

    [Fact]
    public async Task A_subscription_is_bought_looked_at_changed_paused_and_ended()
    {
        var basic = await Price("Basic", 1000);
        var better = await Price("Better", 3000);
        var customer = await Customer();
        var checkout = await Buy(customer.Id, basic.Id);

        var subscription = Done(await provider.Subscription(checkout.Subscription!, Never));
        (subscription.Status, subscription.Customer, subscription.EndsWithPeriod).ShouldBe(("active", customer.Id, false));
        subscription.Items.Single().Price.ShouldBe(basic.Id);
        subscription.PeriodEnd.ShouldNotBeNull();
        subscription.Metadata["operation_key"].ShouldBe(unique);

        var invoice = Done(await provider.Invoice(subscription.LatestInvoice!, Never));
        (invoice.Status, invoice.PaidMinor, invoice.Subscription).ShouldBe(("paid", 1000, subscription.Id));
        invoice.Metadata["operation_key"].ShouldBe(unique);
        Done(await provider.Invoices(customer.Id, invoice.CreatedAt.AddHours(-1), Never)).Items.Single().Payment
            .ShouldBe(invoice.Payment);
        Done(await provider.Payment(invoice.Payment!, Never)).Invoice.ShouldBe(invoice.Id);

        var change = new SubscriptionChange(better.Id, ProratesNow: true, null, null, null);
        var preview = Done(await provider.PreviewChange(subscription.Id, change, Never));
        preview.AmountMinor.ShouldBeGreaterThan(0);
        preview.Lines.Sum(line => line.AmountMinor).ShouldBe(preview.AmountMinor);
        var changed = Done(await provider.ChangeSubscription(
            subscription.Id, change with { ProrationAt = preview.At }, Key("change"), Never));
        changed.Items.Single().Price.ShouldBe(better.Id);
        Done(await provider.Invoice(changed.LatestInvoice!, Never)).PaidMinor.ShouldBe(preview.AmountMinor);

        var pausing = new SubscriptionChange(null, false, EndsWithPeriod: true, IsPaused: true, null);
        var paused = Done(await provider.ChangeSubscription(subscription.Id, pausing, Key("pause"), Never));
        (paused.IsPaused, paused.EndsWithPeriod).ShouldBe((true, true));
        var resuming = new SubscriptionChange(null, false, EndsWithPeriod: false, IsPaused: false, null);
        var resumed = Done(await provider.ChangeSubscription(subscription.Id, resuming, Key("resume"), Never));
        (resumed.IsPaused, resumed.EndsWithPeriod).ShouldBe((false, false));

        Done(await provider.CancelSubscription(subscription.Id, Key("cancel"), Never)).Status.ShouldBe("canceled");
        Done(await provider.CancelSubscription(subscription.Id, Key("again"), Never)).Status.ShouldBe("canceled");
        Done(await provider.Subscriptions(customer.Id, Never)).Items.Single().EndedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_payment_is_made_refunded_and_its_money_reaches_the_bank()
    {
        var customer = await Customer();
        var checkout = await Pay(customer.Id, 2500, TestCards.Pays);
        checkout.IsPaid.ShouldBeTrue();
        var payment = Done(await provider.Payment(checkout.Payment!, Never));
        (payment.Status, payment.AmountMinor, payment.Currency).ShouldBe((ProviderPaymentStatus.Succeeded, 2500, "USD"));
        payment.Invoice.ShouldBe(checkout.Invoice);
        payment.Metadata["operation_key"].ShouldBe(unique);

        var refund = Done(await provider.Refund(
            new RefundParameters(payment.Id, 500, "requested_by_customer", Metadata()), Key("refund"), Never));
        (refund.Status, refund.Payment).ShouldBe((ProviderRefundStatus.Succeeded, payment.Id));
        Done(await provider.FindRefund(refund.Id, Never)).ShouldBeEquivalentTo(refund);
        Done(await provider.Payment(payment.Id, Never)).RefundedMinor.ShouldBe(500);

        var moves = Done(await provider.BalanceMoves(payment.CreatedAt.AddMinutes(-1), null, Never)).Items;
        moves.Single(move => move.Source == payment.Charge).Kind.ShouldBe("charge");
        moves.Single(move => move.Source == refund.Id).AmountMinor.ShouldBe(-500);
        stripe.Simulator.Advance(TimeSpan.FromDays(8));
        stripe.Simulator.PayOut();
        var payouts = Done(await provider.Payouts(payment.CreatedAt.AddMinutes(-1), Never)).Items;
        var paidOut = await Task.WhenAll(payouts.Select(async payout =>
            Done(await provider.BalanceMoves(payment.CreatedAt.AddMinutes(-1), payout.Id, Never)).Items));
        paidOut.SelectMany(items => items).ShouldContain(move => move.Source == payment.Charge && move.Payout != null);
    }

    [Fact]
    public async Task A_dispute_takes_the_money_and_evidence_answers_it()
    {
        var customer = await Customer();
        var payment = Done(await provider.Payment((await Pay(customer.Id, 4000, TestCards.IsDisputed)).Payment!, Never));
        var id = stripe.Simulator.All("dispute")
            .Single(dispute => (string)dispute["charge"]! == payment.Charge)["id"]!.GetValue<string>();

        var dispute = Done(await provider.Dispute(id, Never));
        (dispute.Payment, dispute.AmountMinor, dispute.IsWithdrawn, dispute.IsReinstated).ShouldBe((payment.Id, 4000, true, false));
        dispute.EvidenceDueAt.ShouldNotBeNull();
        var answered = Done(await provider.SubmitEvidence(
            id,
            new EvidenceParameters("They used it.", [("log.txt", "text/plain", "used"u8.ToArray())], "Ann", null, Submit: true),
            Key("evidence"),
            Never));

        answered.Status.ShouldNotBe(dispute.Status);
    }

    [Fact]
    public async Task A_method_is_left_made_the_default_charged_without_its_owner_and_taken_away()
    {
        var customer = await Customer();
        var setup = Done(await provider.CreateCheckout(
            provider.Freeze(Parameters(CheckoutPurpose.Setup, customer.Id, [])), Key("setup"), Never));
        stripe.PayCheckout(setup.Id).ShouldBeTrue();
        Done(await provider.Checkout(setup.Id, Never)).Status.ShouldBe(ProviderCheckoutStatus.Complete);
        var method = Done(await provider.PaymentMethods(customer.Id, Never)).Items.Single();
        (method.Type, method.Brand, method.Last4, method.Customer).ShouldBe(("card", "visa", "4242", customer.Id));

        Done(await provider.SetDefaultPaymentMethod(customer.Id, method.Id, Key("default"), Never))
            .DefaultPaymentMethod.ShouldBe(method.Id);
        var charging = new ChargeParameters(customer.Id, method.Id, "USD", 700, "Credit", Metadata());
        var charged = Done(await provider.Charge(charging, Key("charge"), Never));
        var again = Done(await provider.Charge(charging, Key("charge"), Never));
        var other = await provider.Charge(charging with { AmountMinor = 800 }, Key("charge"), Never);

        (charged.Status, again.Id).ShouldBe((ProviderPaymentStatus.Succeeded, charged.Id));
        other.ShouldBeOfType<ProviderOutcome<ProviderPayment>.Rejected>().Failure.Category
            .ShouldBe(ProviderFailureCategory.KeyReused);
        Done(await provider.DetachPaymentMethod(method.Id, Key("detach"), Never)).Customer.ShouldBeNull();
        Done(await provider.DetachPaymentMethod(method.Id, Key("detach-again"), Never)).Customer.ShouldBeNull();
        Done(await provider.PaymentMethods(customer.Id, Never)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_declined_charge_is_refused_for_good()
    {
        var customer = await Customer();
        var setup = Done(await provider.CreateCheckout(
            provider.Freeze(Parameters(CheckoutPurpose.Setup, customer.Id, [])), Key("setup"), Never));
        stripe.PayCheckout(setup.Id, TestCards.FailsLater).ShouldBeTrue();
        var method = Done(await provider.PaymentMethods(customer.Id, Never)).Items.Single();

        var outcome = await provider.Charge(
            new ChargeParameters(customer.Id, method.Id, "USD", 700, "Credit", Metadata()), Key("charge"), Never);

        outcome.ShouldBeOfType<ProviderOutcome<ProviderPayment>.Rejected>().Failure.Category
            .ShouldBe(ProviderFailureCategory.Declined);
    }

    [Fact]
    public async Task Pages_links_and_open_checkouts_are_made_found_and_closed()
    {
        var customer = await Customer();
        var price = await Price("Once", 900, interval: null);
        var frozen = provider.Freeze(Parameters(CheckoutPurpose.Payment, customer.Id, [new CheckoutItem(price.Id, null, null, 2)]));
        var open = Done(await provider.CreateCheckout(frozen, Key("open"), Never));
        (open.Status, open.AmountMinor, open.Url).ShouldSatisfyAllConditions(
            found => found.Status.ShouldBe(ProviderCheckoutStatus.Open),
            found => found.AmountMinor.ShouldBe(1800),
            found => found.Url.ShouldNotBeNull());

        var found = Done(await provider.CheckoutsOf(
            unique, customer.Id, open.CreatedAt.AddMinutes(-1), open.CreatedAt.AddMinutes(1), Never));
        found.Single().Id.ShouldBe(open.Id);
        Done(await provider.ExpireCheckout(open.Id, Key("expire"), Never)).Status.ShouldBe(ProviderCheckoutStatus.Expired);
        Done(await provider.ExpireCheckout(open.Id, Key("expire-again"), Never)).Status.ShouldBe(ProviderCheckoutStatus.Expired);

        Done(await provider.CreatePortal(
            provider.Freeze(new PortalParameters(customer.Id, "https://q.example/billing")), Key("portal"), Never))
            .Url.ShouldStartWith("http");
        var link = Done(await provider.CreatePaymentLink(
            provider.Freeze(new PaymentLinkParameters([(price.Id, 1)], "https://q.example/done", Metadata())), Key("link"), Never));
        link.IsActive.ShouldBeTrue();
        var visit = stripe.Simulator.VisitLink(link.Id);
        stripe.PayCheckout(visit).ShouldBeTrue();
        Done(await provider.Checkout(visit, Never)).Metadata["operation_key"].ShouldBe(unique);
    }

    [Theory]
    [InlineData(FaultKind.TimeoutAfter)]
    [InlineData(FaultKind.ResetAfter)]
    [InlineData(FaultKind.TimeoutBefore)]
    [InlineData(FaultKind.RateLimit)]
    public async Task What_an_answer_was_lost_of_is_done_once(FaultKind fault)
    {
        using var hurried = ProviderOf(stripe, TimeSpan.FromMilliseconds(500));
        stripe.Fault(fault, "/v1/customers", "POST");

        var made = await hurried.CreateCustomer(new CustomerParameters(null, unique, Metadata()), Key("lost"), Never);
        var again = Done(await hurried.CreateCustomer(new CustomerParameters(null, unique, Metadata()), Key("lost"), Never));

        stripe.Simulator.All("customer").Count(customer => (string?)customer["name"] == unique).ShouldBe(1);
        if (made is ProviderOutcome<ProviderCustomer>.Done(var first, _))
        {
            first.Id.ShouldBe(again.Id);
        }
        else
        {
            made.ShouldBeOfType<ProviderOutcome<ProviderCustomer>.Unknown>();
        }
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        (await provider.Customer("cus_none", Never)).ShouldBeOfType<ProviderOutcome<ProviderCustomer>.NotFound>();
        (await provider.CreateCheckout(
            provider.Freeze(Parameters(CheckoutPurpose.Setup, "cus_none", [])), Key("none"), Never))
            .ShouldBeOfType<ProviderOutcome<ProviderCheckout>.NotFound>();
    }

    public void Dispose() => provider.Dispose();

    private static T Done<T>(ProviderOutcome<T> outcome) => outcome is ProviderOutcome<T>.Done(var value, _)
        ? value
        : throw new InvalidOperationException($"It ended as {outcome}.");

    private string Key(string call) => $"{unique}/{call}";

    private Dictionary<string, string> Metadata() => new() { ["operation_key"] = unique };

    private async Task<ProviderPrice> Price(string name, long minor, string? interval = "month") => Done(await provider.CreatePrice(
        new PriceParameters(null, name, "USD", minor, interval, 1, Metadata()), Key($"price/{name}"), Never));

    private async Task<ProviderCustomer> Customer() => Done(await provider.CreateCustomer(
        new CustomerParameters("payer@example.com", "Acme", Metadata()), Key("customer"), Never));

    private async Task<ProviderCheckout> Buy(string customer, string price)
    {
        var opened = Done(await provider.CreateCheckout(
            provider.Freeze(Parameters(CheckoutPurpose.Subscription, customer, [new CheckoutItem(price, null, null, 1)])),
            Key("buy"),
            Never));
        stripe.PayCheckout(opened.Id).ShouldBeTrue();
        return Done(await provider.Checkout(opened.Id, Never));
    }

    private async Task<ProviderCheckout> Pay(string customer, long minor, string card)
    {
        var opened = Done(await provider.CreateCheckout(
            provider.Freeze(Parameters(CheckoutPurpose.Payment, customer, [new CheckoutItem(null, "Credit", minor, 1)])),
            Key("pay"),
            Never));
        stripe.PayCheckout(opened.Id, card).ShouldBeTrue();
        return Done(await provider.Checkout(opened.Id, Never));
    }

    private CheckoutParameters Parameters(CheckoutPurpose purpose, string customer, IReadOnlyList<CheckoutItem> items) => new(
        purpose,
        "USD",
        items,
        customer,
        null,
        "ba_1",
        "https://q.example/done",
        "https://q.example/cancel",
        stripe.Simulator.Now.AddHours(23),
        0,
        Metadata());
}
