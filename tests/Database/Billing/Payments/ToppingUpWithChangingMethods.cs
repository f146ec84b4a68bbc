using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>Automatic top-ups while methods come and go: by news, and by a list that is cut off.</summary>
public sealed class ToppingUpWithChangingMethods(NewsHost host) : IClassFixture<NewsHost>
{
    [Fact]
    public async Task Charges_a_method_that_a_cut_off_list_does_not_show()
    {
        var (buyer, client) = await Customer();
        using var customer = client;
        var (first, second) = (Leave(buyer, isDefault: false), Leave(buyer, isDefault: true));
        (await Sync(customer))["payment_methods"]!.AsArray().Count.ShouldBe(2);
        await Set(customer, await IdOf(second));

        host.Provider.MethodsListedMax = 1;
        var cut = await Sync(customer);
        host.Provider.MethodsListedMax = int.MaxValue;

        ((bool)cut["is_whole"]!).ShouldBeFalse();
        cut["payment_methods"]!.AsArray().Count.ShouldBe(2);
        await Sweep();
        Charges(buyer).ShouldHaveSingleItem().Subject.ShouldContain(second);
        Charges(buyer)[0].Subject.ShouldNotContain(first);
        await TellOfCharges(buyer);
        (await buyer.Facts()).ShouldBe(["credit_purchased"]);
        (await buyer.Balance(AccountKind.Grants)).ShouldBe(10_000_000);
    }

    [Fact]
    public async Task Stops_when_its_method_is_taken_away_at_the_provider_and_starts_again_with_another()
    {
        var (buyer, client) = await Customer();
        using var customer = client;
        var (first, second) = (Leave(buyer, isDefault: true), Leave(buyer, isDefault: false));
        await Sync(customer);
        await Set(customer, await IdOf(first));
        var gone = host.Provider.Methods[first] = host.Provider.Methods[first] with { Customer = null };

        await host.Tell("payment_method.detached", new ProviderEventSubject.PaymentMethod(gone, true, buyer.Customer));
        await Sweep();

        Charges(buyer).ShouldBeEmpty();
        var stopped = await customer.GetJson("/v1/billing/auto-top-up");
        ((bool)stopped["is_active"]!, (string?)stopped["stopped_reason"]).ShouldBe((false, "no_payment_method"));
        var again = await Set(customer, await IdOf(second));
        ((bool)again["is_active"]!).ShouldBeTrue();
        await Sweep();
        Charges(buyer).ShouldHaveSingleItem().Subject.ShouldContain(second);
        ((long)(await customer.GetJson("/v1/billing/auto-top-up"))["bought_this_month"]!["amount_micros"]!).ShouldBe(10_000_000);
    }

    [Fact]
    public async Task Follows_the_default_that_news_names_where_it_names_none_itself()
    {
        var (buyer, client) = await Customer();
        using var customer = client;
        var (first, second) = (Leave(buyer, isDefault: true), Leave(buyer, isDefault: false));
        await Sync(customer);
        await Set(customer, method: null);
        var said = host.Provider.Customers[buyer.Customer] = host.Provider.Customers[buyer.Customer] with
        {
            DefaultPaymentMethod = second,
        };

        await host.Tell("customer.updated", new ProviderEventSubject.Customer(said));
        await Sweep();

        Charges(buyer).ShouldHaveSingleItem().Subject.ShouldContain(second);
        Charges(buyer)[0].Subject.ShouldNotContain(first);
    }

    private async Task<(Buyer Buyer, HttpClient Client)> Customer()
    {
        var org = await host.First.CreateOrganisation(Settlement.Prepaid);
        var buyer = new Buyer(host, org.Id, org.BillingAccount, host.Provider.NewId("cus"));
        var client = await host.First.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());
        host.Provider.Customers[buyer.Customer] = new ProviderCustomer(
            buyer.Customer, null, null, false, new Dictionary<string, string>(buyer.Metadata()));
        using var linked = await client.PostAsJsonAsync("/v1/payments/customers", new
        {
            billing_account = org.BillingAccount.ToString(),
            provider_customer = buyer.Customer,
            reason = "test",
        });
        linked.StatusCode.ShouldBe(HttpStatusCode.OK, await linked.Content.ReadAsStringAsync());
        return (buyer, client);
    }

    private string Leave(Buyer buyer, bool isDefault)
    {
        var method = new ProviderPaymentMethod(host.Provider.NewId("pm"), buyer.Customer, "card", "visa", "4242", 12, 2040);
        host.Provider.Methods[method.Id] = method;
        if (isDefault)
        {
            host.Provider.Customers[buyer.Customer] = host.Provider.Customers[buyer.Customer] with { DefaultPaymentMethod = method.Id };
        }

        return method.Id;
    }

    private static async Task<JsonNode> Sync(HttpClient customer)
    {
        using var answer = await customer.PostAsync("/v1/billing/payment-methods/sync", null);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private async Task<string> IdOf(string method) => new PaymentMethodId(Guid.Parse((await host.Ask(
        "select method_id from payments.payment_methods where provider_method_id = $1", method))!)).ToString();

    private static async Task<JsonNode> Set(HttpClient customer, string? method)
    {
        using var answer = await customer.PutAsJsonAsync("/v1/billing/auto-top-up", new
        {
            threshold = new { currency = "USD", amount_micros = 5_000_000 },
            amount = new { currency = "USD", amount_micros = 10_000_000 },
            monthly_cap = new { currency = "USD", amount_micros = 100_000_000 },
            payment_method = method,
        });
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, body.ToJsonString());
        return body;
    }

    private async Task Sweep()
    {
        host.Clock.Advance(TimeSpan.FromSeconds(11));
        await host.RunJobs();
    }

    private async Task TellOfCharges(Buyer buyer)
    {
        foreach (var payment in host.Provider.KeptPayments.Values.Where(one => one.Customer == buyer.Customer))
        {
            await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        }
    }

    private List<ScriptedCall> Charges(Buyer buyer) =>
        [.. host.Provider.CallsOf("Charge").Where(call => call.Subject.Contains(buyer.Customer, StringComparison.Ordinal))];
}
