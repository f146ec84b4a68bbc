using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Payments;
using Quoin.Payments.Stripe;
using Quoin.StripeSimulator;
using Quoin.Tests.Support;
using static Quoin.Tests.Database.Billing.Payments.PaymentsClientHost;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>How an account can pay: asked of the provider, chosen, taken away; and whose customer it is.</summary>
public sealed class KeepingPaymentMethods(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private SimulatorFixture stripe = null!;
    private PaymentsClientHost host = null!;
    private StripeProvider provider = null!;
    private int made;

    public async Task InitializeAsync()
    {
        stripe = await PaymentsClientHost.StartStripe();
        host = await Start(database, stripe);
        provider = TalkingToTheSimulator.ProviderOf(stripe);
    }

    public async Task DisposeAsync()
    {
        provider.Dispose();
        await host.DisposeAsync();
        await stripe.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_customer_there_is_nothing_to_ask()
    {
        var answer = await Sync();

        ((string)answer["sync_status"]!, answer["payment_methods"]!.AsArray().Count).ShouldBe(("skipped", 0));
        (await Syncs()).ShouldBe(["skipped"]);
    }

    [Fact]
    public async Task What_the_provider_has_is_shown_the_default_first()
    {
        var customer = await Linked();
        await Leave(customer, TestCards.Pays);
        var second = await Leave(customer, TestCards.IsDisputed);
        await provider.SetDefaultPaymentMethod(customer, second, "default", default);

        var answer = await Sync();

        ((string)answer["sync_status"]!, (int)answer["fetched_count"]!, (bool)answer["is_whole"]!).ShouldBe(("succeeded", 2, true));
        var shown = answer["payment_methods"]!.AsArray();
        shown.Select(method => (bool)method!["is_default"]!).ShouldBe([true, false]);
        ((string)shown[1]!["last4"]!, (string)shown[1]!["brand"]!).ShouldBe(("4242", "visa"));
        shown.ToJsonString().ShouldNotContain("pm_");
    }

    [Fact]
    public async Task What_the_provider_no_longer_has_is_gone()
    {
        var customer = await Linked();
        var first = await Leave(customer, TestCards.Pays);
        await Sync();
        await provider.DetachPaymentMethod(first, "detach", default);

        (await Sync())["payment_methods"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_answer_that_did_not_come_takes_nothing_away()
    {
        var customer = await Linked();
        await Leave(customer, TestCards.Pays);
        await Sync();
        stripe.Fault(FaultKind.ErrorBefore, "/v1/customers/*/payment_methods", "GET", times: 3);

        (await Problem(host.Operator.PostAsync("/v1/billing/payment-methods/sync", null))).ShouldBe("payment_provider_unavailable");

        (await Methods()).Count.ShouldBe(1);
        (await Syncs()).ShouldBe(["succeeded", "failed"]);
    }

    [Fact]
    public async Task One_is_made_the_default_there_and_here_as_often_as_wished()
    {
        var customer = await Linked();
        await Leave(customer, TestCards.Pays);
        await Leave(customer, TestCards.IsDisputed);
        var methods = (await Sync())["payment_methods"]!.AsArray().Select(method => (string)method!["id"]!).ToList();

        foreach (var id in new[] { methods[1], methods[0], methods[1] })
        {
            await Ok(host.Operator.PutAsync($"/v1/billing/payment-methods/{id}/default", null));
            (await Methods()).Single(method => (bool)method["is_default"]!)["id"]!.GetValue<string>().ShouldBe(id);
            ((bool)(await Sync())["payment_methods"]!.AsArray().Single(method => (string)method!["id"]! == id)!["is_default"]!)
                .ShouldBeTrue();
        }
    }

    [Fact]
    public async Task One_that_is_taken_away_is_gone_there_and_here()
    {
        var customer = await Linked();
        await Leave(customer, TestCards.Pays);
        var id = (string)(await Sync())["payment_methods"]![0]!["id"]!;

        (await Ok(host.Operator.DeleteAsync($"/v1/billing/payment-methods/{id}")))["payment_methods"]!.AsArray().ShouldBeEmpty();

        (await Problem(host.Operator.DeleteAsync($"/v1/billing/payment-methods/{id}"))).ShouldBe("not_found");
        ((ProviderOutcome<ProviderList<ProviderPaymentMethod>>.Done)await provider.PaymentMethods(customer, default))
            .Value.Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_customer_the_provider_lost_takes_its_methods_with_it()
    {
        var customer = await Linked();
        await Leave(customer, TestCards.Pays);
        await Sync();
        await stripe.Done("DELETE", $"/v1/customers/{customer}");

        var answer = await Sync();

        ((string)answer["sync_status"]!, answer["payment_methods"]!.AsArray().Count).ShouldBe(("skipped", 0));
        (await Linked()).ShouldNotBe(customer);
    }

    [Fact]
    public async Task Another_organisations_customer_cannot_be_linked()
    {
        var customer = await Linked();
        var stranger = await host.Host.CreateOrganisation();
        using var client = await host.Host.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", stranger.Id.ToString());

        (await Problem(client.PostAsJsonAsync(
            "/v1/payments/customers",
            new { billing_account = stranger.BillingAccount.ToString(), provider_customer = customer, reason = "moved" })))
            .ShouldBe("payment_customer_taken");
        (await Problem(client.PostAsJsonAsync(
            "/v1/payments/customers",
            new { billing_account = stranger.BillingAccount.ToString(), provider_customer = "cus_none", reason = "moved" })))
            .ShouldBe("not_found");
    }

    private async Task<string> Linked()
    {
        var fresh = (ProviderOutcome<ProviderCustomer>.Done)await provider.CreateCustomer(
            new CustomerParameters(null, "Acme", new Dictionary<string, string>()), $"customer-{++made}", default);
        var answer = await Ok(host.Operator.PostAsJsonAsync(
            "/v1/payments/customers",
            new { billing_account = host.Org.BillingAccount.ToString(), provider_customer = fresh.Value.Id, reason = "moved here" }));
        return (string)answer["provider_customer"]!;
    }

    private async Task<string> Leave(string customer, string card)
    {
        var before = stripe.Simulator.All("payment_method").Select(method => (string)method["id"]!).ToHashSet();
        var setup = (ProviderOutcome<ProviderCheckout>.Done)await provider.CreateCheckout(
            provider.Freeze(new CheckoutParameters(
                CheckoutPurpose.Setup, "USD", [], customer, null, "x", "https://q/s", "https://q/c",
                stripe.Simulator.Now.AddHours(1), 0, new Dictionary<string, string>())),
            $"{customer}/{card}",
            default);
        stripe.PayCheckout(setup.Value.Id, card).ShouldBeTrue();
        return stripe.Simulator.All("payment_method").Select(method => (string)method["id"]!).Single(id => !before.Contains(id));
    }

    private Task<JsonNode> Sync() => Ok(host.Operator.PostAsync("/v1/billing/payment-methods/sync", null));

    private async Task<IReadOnlyList<JsonNode>> Methods() =>
        [.. (await Ok(host.Operator.GetAsync("/v1/billing/payment-methods")))["payment_methods"]!.AsArray().Select(method => method!)];

    private async Task<IReadOnlyList<string>> Syncs()
    {
        await using var command = database.Owner.CreateCommand(
            "select status from payments.payment_method_syncs where org_id = $1 order by at");
        command.Parameters.Add(new() { Value = host.Org.Id.Value });
        await using var reader = await command.ExecuteReaderAsync();
        var all = new List<string>();
        while (await reader.ReadAsync())
        {
            all.Add(reader.GetString(0));
        }

        return all;
    }
}
