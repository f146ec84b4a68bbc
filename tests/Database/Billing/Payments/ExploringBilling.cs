using System.Net;
using System.Text.Json.Nodes;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class ExploringBilling(NewsHost host) : IClassFixture<NewsHost>
{
    [Fact]
    public async Task Finds_what_happened_in_every_source_of_an_organisation_and_of_no_other()
    {
        var buyer = await host.CreateBuyer();
        var payment = await buyer.Buy(2_500);
        await (await host.CreateBuyer()).Buy(2_500);
        using var client = await Operator(buyer.Org);
        await GiveBack(client, payment);

        var found = await Data(client, "/v1/payments/events?limit=100");

        Sources(found).ShouldBe(
            ["checkout", "job", "payment", "posting", "purchase", "refund", "request", "webhook_event"], ignoreOrder: true);
        found.ShouldAllBe(row => (string)row!["organisation_id"]! == buyer.Org.ToString());
        var ids = found.Select(row => (string)row!["recorded_at"]!).ToList();
        ids.ShouldBe([.. ids.OrderDescending(StringComparer.Ordinal)]);
        Sources(await Data(client, "/v1/payments/events?source=payment")).ShouldBe(["payment"]);
        (await Data(client, "/v1/payments/events?type=payment_intent.succeeded&status=processed")).Count.ShouldBe(1);
        (await Data(client, $"/v1/payments/events?billing_account_id={buyer.Account}&source=posting")).Count.ShouldBe(1);
        (await Data(client, $"/v1/payments/events?reference={payment.Id}")).Count.ShouldBeGreaterThan(2);
        (await Data(client, "/v1/payments/events?to=2020-01-01T00:00:00Z")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Goes_on_page_by_page_without_losing_or_repeating_anything()
    {
        var buyer = await host.CreateBuyer();
        await buyer.Buy(2_500);
        await buyer.Buy(5_000);
        using var client = await Operator(buyer.Org);
        var whole = (await Data(client, "/v1/payments/events?limit=100")).Select(row => (string)row!["id"]!).ToList();

        var (seen, cursor) = (new List<string>(), string.Empty);
        do
        {
            var page = await (await client.GetAsync($"/v1/payments/events?limit=2{cursor}")).Json();
            seen.AddRange(page["data"]!.AsArray().Select(row => (string)row!["id"]!));
            cursor = (string?)page["next_cursor"] is { } next ? $"&cursor={next}" : string.Empty;
        }
        while (cursor.Length > 0);

        seen.ShouldBe(whole);
    }

    [Fact]
    public async Task Follows_an_event_from_the_request_to_the_books_and_the_news_of_it()
    {
        var buyer = await host.CreateBuyer();
        await buyer.Buy(2_500);
        await buyer.Buy(5_000);
        using var client = await Operator(buyer.Org);
        var posting = (await Data(client, "/v1/payments/events?source=posting"))[1]!;

        var trail = await (await client.GetAsync($"/v1/payments/events/{(string)posting["id"]!}")).Json();

        Sources(trail["steps"]!.AsArray()).Distinct().ShouldBe(
            ["checkout", "news", "payment", "posting", "purchase", "request", "webhook_event"], ignoreOrder: true);
        trail["steps"]!.AsArray().ShouldContain(step => (string?)step!["provider_request_id"] != null);
        trail["steps"]!.AsArray().Count(step => (string)step!["source"]! == "payment").ShouldBe(1);
        trail["steps"]!.AsArray().ShouldContain(step => (string)step!["type"]! == "payments.payment_succeeded");
        ((bool)trail["is_whole"]!).ShouldBeTrue();
        using var other = await Operator((await host.CreateBuyer()).Org);
        (await other.GetAsync($"/v1/payments/events/{(string)posting["id"]!}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await client.GetAsync("/v1/payments/events/pay_nonsense")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Looks_through_all_organisations_and_what_belongs_to_none()
    {
        var (one, two) = (await host.CreateBuyer(), await host.CreateBuyer());
        await one.Buy(2_500);
        await two.Buy(2_500);
        using var client = await host.First.OperatorClient();
        using var asked = await client.PostAsync("/v1/payments/reconciliation-runs", JsonContent(new
        {
            scope = "checkout_open",
            mode = "test",
            reason = "To see it.",
        }));
        asked.EnsureSuccessStatusCode();

        var found = await Data(client, "/v1/payments/events?limit=500");

        found.Select(row => (string?)row!["organisation_id"]).ShouldBeSubsetOf(
            found.Select(row => (string?)row!["organisation_id"]).Append(null));
        Sources(found).ShouldContain("reconciliation_run");
        found.Select(row => (string?)row!["organisation_id"]).ShouldContain(one.Org.ToString());
        found.Select(row => (string?)row!["organisation_id"]).ShouldContain(two.Org.ToString());
    }

    [Fact]
    public async Task Finds_by_any_id_whose_it_is_without_being_told()
    {
        var buyer = await host.CreateBuyer();
        var payment = await buyer.Buy(2_500);
        await (await host.CreateBuyer()).Buy(2_500);
        using var client = await host.First.OperatorClient();

        var byPayment = await Data(client, $"/v1/payments/events?reference={payment.Id}");
        var news = (string)byPayment.First(row => (string)row!["source"]! == "webhook_event")!["provider_event_id"]!;
        var own = (string)byPayment.First(row => (string)row!["source"]! == "payment")!["id"]!;

        foreach (var reference in new[] { payment.Id, news, own })
        {
            var found = await Data(client, $"/v1/payments/events?reference={reference}");
            found.ShouldNotBeEmpty(reference);
            found.ShouldAllBe(row => (string)row!["organisation_id"]! == buyer.Org.ToString());
        }

        (await Data(client, "/v1/payments/events?reference=pi_of_nobody")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Refuses_what_it_cannot_read_and_whoever_is_no_operator()
    {
        var buyer = await host.CreateBuyer();
        using var client = await Operator(buyer.Org);
        using var customer = host.First.Client(buyer.Key);

        (await client.GetAsync("/v1/payments/events?source=nothing")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await client.GetAsync("/v1/payments/events?cursor=x")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await client.GetAsync("/v1/payments/events?from=yesterday")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await customer.GetAsync("/v1/payments/events")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await customer.GetAsync($"/v1/payments/accounts/{buyer.Account}/timeline")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Tells_an_accounts_timeline_whole_to_operators_and_what_is_theirs_to_customers()
    {
        var buyer = await host.CreateBuyer();
        var payment = await buyer.Buy(2_500);
        using var client = await Operator(buyer.Org);
        await GiveBack(client, payment);
        await host.RunJobs();
        using var customer = host.First.Client(buyer.Key);

        var whole = await Data(client, $"/v1/payments/accounts/{buyer.Account}/timeline");
        var own = await Data(customer, "/v1/billing/timeline");

        Kinds(whole).ShouldContain("news_received");
        Kinds(whole).ShouldContain("posted");
        Kinds(own).ShouldBe(
            ["checkout_opened", "credit_bought", "payment_succeeded", "refund_requested", "refund_approved", "refund_succeeded"],
            ignoreOrder: true);
        own.ShouldAllBe(entry => entry!["operation_key"] == null && entry["provider_object_id"] == null);
        whole.ShouldContain(entry => entry!["operation_key"] != null);
        ((string)own[^1]!["title"]!).ShouldBe("Checkout opened");
        ((long)own.Single(entry => (string)entry!["kind"]! == "credit_bought")!["amount"]!["amount_micros"]!).ShouldBe(25_000_000);

        var first = await (await customer.GetAsync("/v1/billing/timeline?limit=2")).Json();
        var rest = await Data(customer, $"/v1/billing/timeline?limit=100&cursor={(string)first["next_cursor"]!}");
        first["data"]!.AsArray().Concat(rest).Select(entry => (string)entry!["id"]!).ShouldBe(
            own.Select(entry => (string)entry!["id"]!));

        using var other = await Operator((await host.CreateBuyer()).Org);
        (await other.GetAsync($"/v1/payments/accounts/{buyer.Account}/timeline")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await customer.GetAsync("/v1/billing/timeline?cursor=x")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private async Task GiveBack(HttpClient client, ProviderPayment payment)
    {
        var id = new PaymentId(Guid.Parse((await host.Ask(
            "select payment_id::text from payments.payments where provider_payment_id = $1", payment.Id))!));
        using var answer = await client.PostAsync(
            "/v1/payments/refunds", JsonContent(new { payment_id = id.ToString(), reason = "Goodwill." }));
        answer.EnsureSuccessStatusCode();
    }

    private async Task<HttpClient> Operator(OrgId org)
    {
        var client = await host.First.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", org.ToString());
        return client;
    }

    private static HttpContent JsonContent(object body) => System.Net.Http.Json.JsonContent.Create(body);

    private static async Task<JsonArray> Data(HttpClient client, string address)
    {
        using var answer = await client.GetAsync(address);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Json())["data"]!.AsArray();
    }

    private static IEnumerable<string> Sources(JsonArray rows) => rows.Select(row => (string)row!["source"]!).Distinct();

    private static IEnumerable<string> Kinds(JsonArray rows) => rows.Select(row => (string)row!["kind"]!);
}
