using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Payments;
using Quoin.Payments.Stripe;
using Quoin.StripeSimulator;
using Quoin.Tests.Support;
using static Quoin.Tests.Database.Billing.Payments.PaymentsClientHost;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>Credit that runs low is bought by itself: once at a time, below the cap, and no more after a failure.</summary>
public sealed class ToppingUpByItself(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    // One for the class: jobs of the database it shares are due by it, and no clock goes back.
    private static readonly SettableClock Clock = new(new DateTimeOffset(2026, 4, 10, 0, 0, 0, TimeSpan.Zero));
    private SimulatorFixture stripe = null!;
    private PaymentsClientHost host = null!;
    private StripeProvider provider = null!;

    public async Task InitializeAsync()
    {
        stripe = await StartStripe();
        provider = TalkingToTheSimulator.ProviderOf(stripe);
        host = await Start(database, stripe, Clock, provider);
    }

    public async Task DisposeAsync()
    {
        // The next test's sweeps look at every account of the database.
        (await host.Operator.DeleteAsync("/v1/billing/auto-top-up")).Dispose();
        await host.DisposeAsync();
        provider.Dispose();
        await stripe.DisposeAsync();
    }

    [Fact]
    public async Task Low_credit_is_bought_and_never_beyond_the_cap()
    {
        await LeaveCard(TestCards.Pays);
        await Set(threshold: 50, amount: 10, cap: 25);

        for (var sweep = 0; sweep < 5; sweep++)
        {
            await Sweep();
            Clock.Advance(TimeSpan.FromMinutes(6));
        }

        Charged().ShouldBe([1_000, 1_000]);
        (await Statuses()).ShouldBe(["succeeded", "succeeded"]);
        stripe.Simulator.All("payment_intent").ShouldAllBe(intent => (string)intent["metadata"]!["purpose"]! == "top_up");

        Clock.Advance(TimeSpan.FromDays(25));
        await Sweep();
        Charged().Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_charge_without_an_answer_holds_others_up_until_it_is_known_and_is_made_once()
    {
        await LeaveCard(TestCards.Pays);
        await Set(threshold: 5, amount: 10, cap: 100);
        stripe.Fault(FaultKind.ResetBefore, "/v1/payment_intents", "POST", times: 50);

        await Sweep();
        (await Statuses()).ShouldBe(["pending"]);
        await Sweep();
        (await Statuses()).ShouldBe(["pending"]);
        Clock.Advance(TimeSpan.FromMinutes(1));
        stripe.Simulator.ClearFaults();
        await Sweep();

        (await Statuses()).ShouldBe(["succeeded"]);
        Charged().ShouldBe([1_000]);
    }

    [Fact]
    public async Task A_declined_charge_stops_it_until_it_is_set_again()
    {
        await LeaveCard(TestCards.FailsLater);
        await Set(threshold: 5, amount: 10, cap: 100);

        await Sweep();
        Clock.Advance(TimeSpan.FromMinutes(6));
        await Sweep();

        var shown = await Ok(host.Operator.GetAsync("/v1/billing/auto-top-up"));
        ((bool)shown["is_active"]!, (string?)shown["stopped_reason"]).ShouldBe((false, "declined"));
        (await Statuses()).ShouldBe(["failed"]);
        (await News()).ShouldBe(["payments.auto_top_up_stopped"]);
        ((bool)(await Set(threshold: 5, amount: 10, cap: 100))["is_active"]!).ShouldBeTrue();
    }

    [Fact]
    public async Task Two_replicas_charge_no_more_than_one()
    {
        await LeaveCard(TestCards.Pays);
        await Set(threshold: 5, amount: 10, cap: 10);
        await using var other = await Start(database, stripe, Clock, provider);

        await Task.WhenAll(Sweep(), other.RunDueJobs());
        Clock.Advance(TimeSpan.FromMinutes(6));
        await Task.WhenAll(Sweep(), other.RunDueJobs());

        Charged().ShouldBe([1_000]);
    }

    [Fact]
    public async Task It_needs_a_method_and_amounts_that_can_be_charged()
    {
        (await Problem(Put(5_000_000, 10_000_000, 20_000_000))).ShouldBe("payment_method_required");
        await LeaveCard(TestCards.Pays);

        (await Problem(Put(5_000_000, 10_000_001, 20_000_000))).ShouldBe("invalid_payment_input");
        (await Problem(Put(5_000_000, 10_000_000, 9_990_000))).ShouldBe("invalid_payment_input");
        (await Problem(Put(0, 10_000_000, 20_000_000))).ShouldBe("invalid_payment_input");
        (await Problem(host.Operator.GetAsync("/v1/billing/auto-top-up"))).ShouldBe("not_found");
        await Ok(Put(5_000_000, 10_000_000, 20_000_000));
        using var removed = await host.Operator.DeleteAsync("/v1/billing/auto-top-up");
        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Sweep();
        Charged().ShouldBeEmpty();
    }

    private async Task Sweep()
    {
        Clock.Advance(TimeSpan.FromSeconds(11));
        await host.RunDueJobs();
    }

    private Task<JsonNode> Set(long threshold, long amount, long cap) =>
        Ok(Put(threshold * 1_000_000, amount * 1_000_000, cap * 1_000_000));

    private Task<HttpResponseMessage> Put(long threshold, long amount, long cap) => host.Operator.PutAsJsonAsync(
        "/v1/billing/auto-top-up",
        new
        {
            threshold = new { currency = "USD", amount_micros = threshold },
            amount = new { currency = "USD", amount_micros = amount },
            monthly_cap = new { currency = "USD", amount_micros = cap },
        });

    private async Task LeaveCard(string card)
    {
        var customer = ((ProviderOutcome<ProviderCustomer>.Done)await provider.CreateCustomer(
            new CustomerParameters(null, "Acme", new Dictionary<string, string>()), "customer", default)).Value.Id;
        await Ok(host.Operator.PostAsJsonAsync(
            "/v1/payments/customers",
            new { billing_account = host.Org.BillingAccount.ToString(), provider_customer = customer, reason = "test" }));
        var setup = (ProviderOutcome<ProviderCheckout>.Done)await provider.CreateCheckout(
            provider.Freeze(new CheckoutParameters(
                CheckoutPurpose.Setup, "USD", [], customer, null, "x", "https://q/s", "https://q/c",
                stripe.Simulator.Now.AddHours(1), 0, new Dictionary<string, string>())),
            "setup",
            default);
        stripe.PayCheckout(setup.Value.Id, card).ShouldBeTrue();
        var method = (string)(await Ok(host.Operator.PostAsync("/v1/billing/payment-methods/sync", null)))["payment_methods"]![0]!["id"]!;
        await Ok(host.Operator.PutAsync($"/v1/billing/payment-methods/{method}/default", null));
    }

    private IReadOnlyList<long> Charged() =>
    [
        .. stripe.Simulator.All("payment_intent")
            .Where(intent => (string)intent["status"]! == "succeeded")
            .Select(intent => (long)intent["amount"]!),
    ];

    private Task<IReadOnlyList<string>> Statuses() => Texts(
        "select status from payments.auto_top_up_charges where org_id = $1 order by created_at", host.Org.Id.Value);

    private Task<IReadOnlyList<string>> News() => Texts(
        "select topic from platform.outbox where org_id = $1 and topic like 'payments.auto%' order by published_at", host.Org.Id.Value);

    private async Task<IReadOnlyList<string>> Texts(string sql, Guid org)
    {
        await using var command = database.Owner.CreateCommand(sql);
        command.Parameters.Add(new() { Value = org });
        await using var reader = await command.ExecuteReaderAsync();
        var all = new List<string>();
        while (await reader.ReadAsync())
        {
            all.Add(reader.GetString(0));
        }

        return all;
    }
}
