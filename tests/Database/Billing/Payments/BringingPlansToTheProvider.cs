using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.StripeSimulator;
using Quoin.Tests.Support;
using static Quoin.Tests.Database.Billing.Payments.PaymentsClientHost;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>Published plans with a fee become products and prices at the provider, once, or are not sold.</summary>
public sealed class BringingPlansToTheProvider(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private SimulatorFixture stripe = null!;
    private PaymentsClientHost host = null!;

    public async Task InitializeAsync()
    {
        stripe = await PaymentsClientHost.StartStripe();
        host = await Start(database, stripe);
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await stripe.DisposeAsync();
    }

    [Fact]
    public async Task A_published_plan_is_for_sale_after_the_next_sweep_and_once()
    {
        var plan = await Publish("pro", 25_000_000);

        await host.RunDueJobs();
        await Sync(plan);
        await Sync(plan);

        var row = (await Rows(plan)).Single(row => (string)row["mode"]! == "test");
        ((string)row["status"]!, (string?)row["problem"]).ShouldBe(("synced", null));
        var price = stripe.Simulator.Find((string)row["provider_price"]!)!;
        ((long)price["unit_amount"]!, (string)price["currency"]!).ShouldBe((2500, "usd"));
        ((string)price["recurring"]!["interval"]!).ShouldBe("month");
        ((string)price["metadata"]!["plan_version"]!).ShouldBe(plan);
        stripe.Simulator.All("price").Count(one => (string?)one["metadata"]!["plan_version"] == plan).ShouldBe(1);
    }

    [Fact]
    public async Task A_mode_without_a_provider_says_so()
    {
        var plan = await Publish("lonely", 1_000_000);

        var row = (await Rows(plan)).Single(row => (string)row["mode"]! == "live");

        ((string)row["status"]!, (string?)row["provider"]).ShouldBe(("pending", null));
        ((string)row["problem"]!).ShouldContain("No payment provider");
    }

    [Fact]
    public async Task A_lost_answer_makes_no_second_price()
    {
        var plan = await Publish("lossy", 5_000_000);
        stripe.Fault(FaultKind.ResetAfter, "/v1/prices", "POST", times: 3);

        await Sync(plan);
        var row = (await Sync(plan)).Single(one => (string)one["mode"]! == "test");

        ((string)row["status"]!).ShouldBe("synced");
        stripe.Simulator.All("price").Count(one => (string?)one["metadata"]!["plan_version"] == plan).ShouldBe(1);
    }

    [Fact]
    public async Task A_fee_no_provider_can_take_is_not_sold()
    {
        var plan = await Publish("crumbs", 1_234_567);

        var row = (await Sync(plan)).Single(one => (string)one["mode"]! == "test");

        ((string)row["status"]!, (string?)row["provider_price"]).ShouldBe(("failed", null));
        ((string)row["problem"]!).ShouldContain("minor units");
    }

    [Theory]
    [InlineData("amount_minor = 1")]
    [InlineData("currency = 'EUR'")]
    public async Task A_price_that_differs_from_its_plan_is_not_sold(string change)
    {
        var plan = await Publish($"changed-{change[..3]}", 7_000_000);
        var price = (string)(await Sync(plan)).Single(one => (string)one["mode"]! == "test")["provider_price"]!;
        await using (var command = database.Owner.CreateCommand(
            $"update payments.plan_prices set {change} where provider_price_id = '{price}'"))
        {
            await command.ExecuteNonQueryAsync();
        }

        var row = (await Sync(plan)).Single(one => (string)one["mode"]! == "test");

        ((string)row["status"]!).ShouldBe("failed");
        ((string)row["problem"]!).ShouldContain("The provider's price is");
    }

    [Fact]
    public async Task A_free_plan_and_a_draft_have_nothing_to_bring()
    {
        var free = await Publish("free", 0);

        (await Problem(host.Operator.PostAsync($"/v1/payments/plan-prices/{free}/sync", null))).ShouldBe("not_found");
        (await Rows(free)).ShouldBeEmpty();
    }

    private async Task<string> Publish(string family, long fee)
    {
        await Ok(host.Operator.PostAsJsonAsync("/v1/plans", new { family, name = $"Plan {family}", visibility = "public" }));
        await Ok(host.Operator.PostAsJsonAsync(
            $"/v1/plans/{family}/versions", new { fee = new { currency = "USD", amount_micros = fee } }));
        return (string)(await Ok(host.Operator.PostAsync($"/v1/plans/{family}/versions/1/publish", null)))["id"]!;
    }

    private async Task<IReadOnlyList<JsonNode>> Sync(string plan) =>
        [.. (await Ok(host.Operator.PostAsync($"/v1/payments/plan-prices/{plan}/sync", null)))["data"]!.AsArray().Select(row => row!)];

    private async Task<IReadOnlyList<JsonNode>> Rows(string plan) =>
    [
        .. (await Ok(host.Operator.GetAsync("/v1/payments/plan-prices?limit=500")))["data"]!.AsArray()
            .Select(row => row!).Where(row => (string)row["plan_version"]! == plan),
    ];
}
