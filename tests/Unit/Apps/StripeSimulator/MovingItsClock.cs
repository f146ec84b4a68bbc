using System.Globalization;
using System.Text.Json.Nodes;
using Quoin.StripeSimulator;
using Quoin.Tests.Support;

namespace Quoin.Tests.Unit.Apps.Simulating;

/// <summary>What time brings: renewals, failures and retries, trials, ends, payouts, settled refunds, decided disputes.</summary>
public sealed class MovingItsClock : IAsyncLifetime
{
    private readonly SettableClock clock = new();
    private SimulatorFixture stripe = null!;

    public async Task InitializeAsync() =>
        stripe = await SimulatorFixture.Start(new SimulatorOptions { Time = clock, DeliversByItself = false });

    public Task DisposeAsync() => stripe.DisposeAsync().AsTask();

    [Fact]
    public async Task A_subscription_is_paid_each_month_on_its_day()
    {
        var subscription = await Subscribe(TestCards.Pays);

        stripe.Advance(TimeSpan.FromDays(31 + 28));

        var invoices = await List($"/v1/invoices?subscription={subscription}");
        invoices.Select(one => one["status"]!.GetValue<string>()).ShouldBe(["paid", "paid", "paid"]);
        invoices.Select(one => At(one["created"])).ShouldBe(["2026-03-01", "2026-02-01", "2026-01-01"]);
        Text(await Get(subscription), "status").ShouldBe("active");
    }

    [Fact]
    public async Task A_renewal_that_fails_is_tried_again_and_ends_the_subscription_at_last()
    {
        var subscription = await Subscribe(TestCards.FailsLater);

        stripe.Advance(TimeSpan.FromDays(31));
        Text(await Get(subscription), "status").ShouldBe("past_due");
        var invoice = (await List($"/v1/invoices?subscription={subscription}"))[0];
        invoice["attempt_count"]!.GetValue<long>().ShouldBe(1);
        At(invoice["next_payment_attempt"]).ShouldBe("2026-02-04");

        stripe.Advance(TimeSpan.FromDays(16));
        Text(await Get(subscription), "status").ShouldBe("canceled");
        Text((await Get(subscription))["cancellation_details"]!, "reason").ShouldBe("payment_failed");
    }

    [Fact]
    public async Task A_renewal_that_failed_is_paid_with_a_better_card()
    {
        var subscription = await Subscribe(TestCards.FailsLater);
        stripe.Advance(TimeSpan.FromDays(31));
        stripe.Simulator.ChangeCard(Text(await Get(subscription), "default_payment_method")!, TestCards.Pays);

        stripe.Advance(TimeSpan.FromDays(3));

        Text(await Get(subscription), "status").ShouldBe("active");
    }

    [Fact]
    public async Task A_trial_costs_nothing_until_it_ends()
    {
        var subscription = await Subscribe(TestCards.Pays, ("subscription_data[trial_period_days]", "14"));
        Text(await Get(subscription), "status").ShouldBe("trialing");

        stripe.Advance(TimeSpan.FromDays(12));
        EventTypes.ShouldContain("customer.subscription.trial_will_end");
        stripe.Advance(TimeSpan.FromDays(2));

        Text(await Get(subscription), "status").ShouldBe("active");
        var invoices = await List($"/v1/invoices?subscription={subscription}");
        invoices.Select(one => one["amount_paid"]!.GetValue<long>()).ShouldBe([2000, 0]);
    }

    [Fact]
    public async Task A_subscription_that_is_to_end_does_so_with_its_period()
    {
        var subscription = await Subscribe(TestCards.Pays);
        await stripe.Done("POST", $"/v1/subscriptions/{subscription}", ("cancel_at_period_end", "true"));

        stripe.Advance(TimeSpan.FromDays(31));

        Text(await Get(subscription), "status").ShouldBe("canceled");
        EventTypes.Last(type => type.StartsWith("customer.subscription", StringComparison.Ordinal))
            .ShouldBe("customer.subscription.deleted");
        (await List($"/v1/invoices?subscription={subscription}")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_paused_subscription_asks_for_nothing()
    {
        var subscription = await Subscribe(TestCards.Pays);
        await stripe.Done("POST", $"/v1/subscriptions/{subscription}", ("pause_collection[behavior]", "void"));

        stripe.Advance(TimeSpan.FromDays(31));

        var invoices = await List($"/v1/invoices?subscription={subscription}");
        invoices.Select(one => one["status"]!.GetValue<string>()).ShouldBe(["void", "paid"]);
        Text(await Get(subscription), "status").ShouldBe("active");
    }

    [Fact]
    public async Task A_dearer_price_costs_what_a_preview_said()
    {
        var subscription = await Subscribe(TestCards.Pays);
        stripe.Advance(TimeSpan.FromDays(15.5));
        var price = await NewPrice("5000", "month");
        var item = Text((await Get(subscription))["items"]!["data"]![0]!, "id")!;
        var at = stripe.Simulator.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var preview = await stripe.Done(
            "POST", "/v1/invoices/create_preview", ("subscription", subscription), ("subscription_details[items][0][id]", item),
            ("subscription_details[items][0][price]", price), ("subscription_details[proration_behavior]", "always_invoice"),
            ("subscription_details[proration_date]", at));

        await stripe.Done(
            "POST", $"/v1/subscriptions/{subscription}", ("items[0][id]", item), ("items[0][price]", price),
            ("proration_behavior", "always_invoice"), ("proration_date", at));

        var invoice = (await List($"/v1/invoices?subscription={subscription}"))[0];
        invoice["amount_paid"]!.GetValue<long>().ShouldBe(1500);
        preview["amount_due"]!.GetValue<long>().ShouldBe(1500);
    }

    [Fact]
    public async Task A_checkout_nobody_pays_ends()
    {
        var session = await Checkout("payment", await NewPrice("700", null));

        stripe.Advance(TimeSpan.FromHours(24));

        Text(await stripe.Done("GET", $"/v1/checkout/sessions/{session}"), "status").ShouldBe("expired");
        EventTypes.ShouldContain("checkout.session.expired");
    }

    [Fact]
    public async Task Customers_on_a_test_clock_live_in_its_time_only()
    {
        var frozen = clock.GetUtcNow().ToUnixTimeSeconds();
        var testClock = Text(await stripe.Done("POST", "/v1/test_helpers/test_clocks", ("frozen_time", $"{frozen}")), "id")!;
        var customer = Text(await stripe.Done("POST", "/v1/customers", ("test_clock", testClock)), "id")!;
        var method = Text(await stripe.Done("POST", "/v1/payment_methods/pm_card_visa/attach", ("customer", customer)), "id")!;
        var subscription = Text(
            await stripe.Done(
                "POST", "/v1/subscriptions", ("customer", customer), ("items[0][price]", await NewPrice("2000", "month")),
                ("default_payment_method", method)),
            "id")!;

        var told = await stripe.Done(
            "POST", $"/v1/test_helpers/test_clocks/{testClock}/advance", ("frozen_time", $"{frozen + (40 * 24 * 3600)}"));

        Text(told, "status").ShouldBe("advancing");
        Text(await stripe.Done("GET", $"/v1/test_helpers/test_clocks/{testClock}"), "status").ShouldBe("ready");
        (await List($"/v1/invoices?subscription={subscription}")).Select(one => At(one["created"]))
            .ShouldBe(["2026-02-01", "2026-01-01"]);
        stripe.Simulator.Now.ShouldBe(clock.GetUtcNow());
    }

    [Fact]
    public async Task Money_reaches_the_bank_without_the_fees()
    {
        await Subscribe(TestCards.Pays);

        stripe.Advance(TimeSpan.FromDays(6));

        var payout = (await List("/v1/payouts")).Single();
        payout["amount"]!.GetValue<long>().ShouldBe(2000 - 58 - 30);
        Text(payout, "status").ShouldBe("paid");
        var moves = await List($"/v1/balance_transactions?payout={Text(payout, "id")}");
        moves.Sum(one => one["net"]!.GetValue<long>()).ShouldBe(0);
        EventTypes.Where(type => type.StartsWith("payout", StringComparison.Ordinal))
            .ShouldBe(["payout.created", "payout.paid", "payout.reconciliation_completed"]);
    }

    [Theory]
    [InlineData(TestCards.Pays, "succeeded", "succeeded")]
    [InlineData(TestCards.RefundsLate, "pending", "succeeded")]
    [InlineData(TestCards.RefundFails, "succeeded", "failed")]
    public async Task Refunds_settle_as_their_card_says(string card, string first, string later)
    {
        var payment = await Pay(card);
        var refund = await stripe.Done("POST", "/v1/refunds", ("payment_intent", payment), ("amount", "300"));
        Text(refund, "status").ShouldBe(first);

        stripe.Advance(TimeSpan.FromMinutes(2));

        Text(await stripe.Done("GET", $"/v1/refunds/{Text(refund, "id")}"), "status").ShouldBe(later);
        var (status, body) = await stripe.Call("POST", "/v1/refunds", ("payment_intent", payment), ("amount", "401"));
        (status == 200).ShouldBe(later == "failed", body.ToString());
    }

    [Theory]
    [InlineData("winning_evidence", "won", -1500)]
    [InlineData("losing_evidence", "lost", -2200)]
    public async Task A_dispute_is_decided_by_its_evidence(string words, string status, long net)
    {
        await Pay(TestCards.IsDisputed);
        var dispute = (await List("/v1/disputes")).Single();
        Text(dispute, "status").ShouldBe("needs_response");

        var decided = await stripe.Done(
            "POST", $"/v1/disputes/{Text(dispute, "id")}", ("evidence[uncategorized_text]", words), ("submit", "true"));

        Text(decided, "status").ShouldBe(status);
        var moves = decided["balance_transactions"]!.AsArray();
        moves.Sum(one => one!["net"]!.GetValue<long>()).ShouldBe(net);
    }

    [Fact]
    public async Task A_dispute_nobody_answers_is_lost()
    {
        await Pay(TestCards.IsDisputed);

        stripe.Advance(TimeSpan.FromDays(7));

        Text((await List("/v1/disputes")).Single(), "status").ShouldBe("lost");
    }

    private IEnumerable<string> EventTypes => stripe.Simulator.All("event").Select(one => one["type"]!.GetValue<string>());

    private async Task<string> Subscribe(string card, params (string, string)[] more)
    {
        var session = await Checkout("subscription", await NewPrice("2000", "month"), more);
        stripe.PayCheckout(session, card).ShouldBeTrue();
        return Text(await stripe.Done("GET", $"/v1/checkout/sessions/{session}"), "subscription")!;
    }

    private async Task<string> Pay(string card)
    {
        var session = await Checkout("payment", await NewPrice("700", null), ("customer_creation", "always"));
        stripe.PayCheckout(session, card).ShouldBeTrue();
        return Text(await stripe.Done("GET", $"/v1/checkout/sessions/{session}"), "payment_intent")!;
    }

    private async Task<string> Checkout(string mode, string price, params (string, string)[] more) => Text(
        await stripe.Done(
            "POST",
            "/v1/checkout/sessions",
            [("mode", mode), ("line_items[0][price]", price), ("line_items[0][quantity]", "1"),
                ("success_url", "https://example.com"), .. more]),
        "id")!;

    private async Task<string> NewPrice(string amount, string? interval)
    {
        (string, string)[] form = [("currency", "usd"), ("unit_amount", amount), ("product_data[name]", "Pro")];
        return Text(await stripe.Done("POST", "/v1/prices", interval is null ? form : [.. form, ("recurring[interval]", interval)]), "id")!;
    }

    private Task<JsonNode> Get(string subscription) => stripe.Done("GET", $"/v1/subscriptions/{subscription}");

    private async Task<IReadOnlyList<JsonNode>> List(string path) => [.. (await stripe.Done("GET", path))["data"]!.AsArray()!];

    private static string? Text(JsonNode node, string name) => node[name]?.GetValue<string>();

    private static string At(JsonNode? seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds!.GetValue<long>()).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
