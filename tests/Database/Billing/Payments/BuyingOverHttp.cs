using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class BuyingOverHttp(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock clock = new(new DateTimeOffset(2026, 4, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Dictionary<string, string> headers = [];
    private ScriptedProvider provider = null!;
    private TestHost host = null!;
    private HttpClient client = null!;
    private TestOrganisation org = null!;

    public async Task InitializeAsync()
    {
        provider = new ScriptedProvider(clock);
        host = await TestHost.Start(database, "api", clock, configure: services => services.Replace(
            ServiceDescriptor.Singleton<IPaymentProviders>(built =>
                new ScriptedProviders(provider, built.GetRequiredService<Organisations>()))));
        client = await host.OperatorClient();
        org = await host.CreateOrganisation();
        await PricePlan();
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    /// <summary>Case T1. Case T5: neither a surface nor what was used last says for whom one buys.</summary>
    [Theory]
    [InlineData("x-surface-id")]
    [InlineData("x-last-active-workspace")]
    [InlineData("x-billable-entity-id")]
    [InlineData("x-workspace-slug")]
    public async Task Hears_no_header_but_its_own(string header)
    {
        var other = await host.CreateOrganisation();
        headers[header] = other.BillingAccount.ToString();

        var answer = await Ok(await Buy("k1"));

        ((string)answer["billing_account_id"]!).ShouldBe(org.BillingAccount.ToString());
        provider.Checkouts.Values.ShouldHaveSingleItem().Metadata["org_id"].ShouldBe(org.Id.ToString());
    }

    /// <summary>Case T2. Case T3. Case T4.</summary>
    [Fact]
    public async Task Buys_for_the_account_that_is_named_or_the_only_one()
    {
        ((string)(await Ok(await Buy("k1")))["billing_account_id"]!).ShouldBe(org.BillingAccount.ToString());
        var opened = await host.Get<Organisations>().OpenBillingAccount(
            org.Id, new NewBillingAccount(BillingAccountKind.External, "Second", Currency.Usd), "test", CancellationToken.None);
        var second = ((OpenBillingAccountOutcome.Opened)opened).BillingAccount;

        var ambiguous = await Problem(await Buy("k2"), HttpStatusCode.Conflict, "billing_entity_selection_required");
        ambiguous["billing_account_ids"]!.AsArray().Count.ShouldBe(2);
        headers["Quoin-Billing-Account"] = second.Id.ToString();
        ((string)(await Ok(await Buy("k3")))["billing_account_id"]!).ShouldBe(second.Id.ToString());
        headers["Quoin-Billing-Account"] = (await host.CreateOrganisation()).BillingAccount.ToString();
        await Problem(await Buy("k4"), HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Needs_a_key_and_the_permission()
    {
        await Problem(await Buy(null), HttpStatusCode.BadRequest, "idempotency_key_required");
        await Problem(await Buy(new string('k', 192)), HttpStatusCode.BadRequest, "idempotency_key_invalid");
        using var customer = host.Client(org.Key);
        (await customer.PostAsJsonAsync("/v1/billing/checkout", Body())).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var nobody = host.Client(null);
        (await nobody.PostAsJsonAsync("/v1/billing/checkout", Body())).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        provider.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Answers_a_repetition_alike_and_a_refusal_by_its_code()
    {
        var first = await Ok(await Buy("k1"));
        var again = await Buy("k1");

        again.Headers.GetValues("Idempotency-Replayed").ShouldBe(["true"]);
        JsonNode.DeepEquals(await Ok(again), first).ShouldBeTrue();
        await Problem(await Buy("k1", path: "/elsewhere"), HttpStatusCode.Conflict, "idempotency_conflict");
        var open = await Problem(await Buy("k2"), HttpStatusCode.Conflict, "checkout_session_open");
        ((string)open["checkout_url"]!).ShouldBe((string)first["checkout"]!["checkout_url"]!);
        await Problem(await Buy("k3", plan: "nonsense"), HttpStatusCode.Conflict, "checkout_session_open");
        var wrong = await Problem(await Buy("k4", path: "//evil"), HttpStatusCode.BadRequest, "invalid_payment_input");
        wrong["errors"]!["success_path"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Takes_no_ids_of_the_provider()
    {
        using var request = Request("k1", new { plan = "starter", success_path = "/", cancel_path = "/", price_id = "price_x" });

        (await client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Lists_plans_and_shows_what_an_account_has()
    {
        using var customer = host.Client(org.Key);

        var plans = (await Ok(await customer.GetAsync("/v1/billing/plans")))["plans"]!.AsArray();
        var starter = plans.Single(plan => (string)plan!["plan"]! == "starter")!;
        ((long)starter["sellable_price"]!["amount_minor"]!).ShouldBe(4900);
        plans.Single(plan => (string)plan!["plan"]! == "enterprise")!["sellable_price"].ShouldBeNull();
        var overview = await Ok(await customer.GetAsync("/v1/billing/subscription"));
        overview["subscription"].ShouldBeNull();
        overview["invoices"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Sells_what_the_operator_listed_until_it_is_retired()
    {
        using var listing = Request(
            null, new { name = "Workshop", currency = "USD", amount_minor = 250_000, mode = "test" }, "/v1/payments/catalogue-items");
        var item = (string)(await Ok(await client.SendAsync(listing)))["id"]!;
        using var customer = host.Client(org.Key);
        var link = new { success_path = "/thanks", line_items = new[] { new { catalogue_item_id = item, quantity = 1 } } };

        (await ForSale(customer)).ShouldContain(item);
        using var first = Request("k1", link, "/v1/billing/payment-links");
        ((string)(await Ok(await client.SendAsync(first)))["payment_link"]!["url"]!).ShouldStartWith("https://");
        using var retiring = Request(null, new { }, $"/v1/payments/catalogue-items/{item}/retire");
        ((bool)(await Ok(await client.SendAsync(retiring)))["active"]!).ShouldBeFalse();

        (await ForSale(customer)).ShouldNotContain(item);
        using var second = Request("k2", link, "/v1/billing/payment-links");
        await Problem(await client.SendAsync(second), HttpStatusCode.Conflict, "checkout_configuration_invalid");
        using var stranger = new HttpRequestMessage(HttpMethod.Get, "/v1/payments/catalogue-items");
        (await customer.SendAsync(stranger)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    /// <summary>What blocks without end is released by a person, on record.</summary>
    [Fact]
    public async Task Lets_an_operator_release_what_is_stuck()
    {
        var opened = await Ok(await Buy("k1"));
        var id = (string)opened["checkout"]!["id"]!;
        await Problem(await Release(id), HttpStatusCode.Conflict, "checkout_session_transition_invalid");
        await using (var command = database.Owner.Sql(
            "update payments.checkouts set status = 'completed_pending_subscription' where org_id = $1", org.Id.Value))
        {
            await command.ExecuteNonQueryAsync();
        }

        await Problem(await Buy("k2"), HttpStatusCode.Conflict, "checkout_completion_pending");
        ((string)(await Ok(await Release(id)))["status"]!).ShouldBe("abandoned");

        await Ok(await Buy("k3"));
        await Problem(await Release(id), HttpStatusCode.Conflict, "checkout_session_transition_invalid");
        await Problem(await Release("cks_00000000000000000000000000"), HttpStatusCode.NotFound, "not_found");
        await using var audit = database.Owner.Sql(
            "select count(*) from accounts.audit_log where org_id = $1 and action = 'checkout.released' and reason = 'Looked at it'",
            org.Id.Value);
        (await audit.ExecuteScalarAsync()).ShouldBe(1L);
    }

    /// <summary>From a customer's complaint to the log, and from there to the provider.</summary>
    [Fact]
    public async Task Names_request_and_operation_in_the_log_when_the_provider_refuses()
    {
        using var log = new LogLines();
        host.Get<ILoggerFactory>().AddProvider(log);
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.Rejected));
        headers["X-Request-Id"] = "complaint-4711";

        await Problem(await Buy("k1"), HttpStatusCode.BadGateway, "checkout_provider_error");

        await using var command = database.Owner.Sql(
            "select operation_key from payments.requests where org_id = $1", org.Id.Value);
        var operation = (string)(await command.ExecuteScalarAsync())!;
        log.All.ShouldAllBe(line => line.Contains("[complaint-4711]", StringComparison.Ordinal));
        log.All.ShouldContain(line =>
            line.StartsWith("Error prq_", StringComparison.Ordinal) && line.Contains(operation, StringComparison.Ordinal));
    }

    /// <summary>Nothing to buy with, and it is said what to configure.</summary>
    [Fact]
    public async Task Says_what_to_configure_where_there_is_no_provider()
    {
        await using var bare = await TestHost.Start(database, "api", clock, configure: services => services.Replace(
            ServiceDescriptor.Singleton<IPaymentProviders>(built =>
                new ScriptedProviders(null, built.GetRequiredService<Organisations>()))));
        using var buyer = await bare.OperatorClient();
        using var request = Request("k1", Body());

        await Problem(await buyer.SendAsync(request), HttpStatusCode.ServiceUnavailable, "payment_provider_not_configured");
        using var plans = new HttpRequestMessage(HttpMethod.Get, "/v1/billing/plans");
        plans.Headers.Add("Quoin-Org", org.Id.ToString());
        (await buyer.SendAsync(plans)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<IEnumerable<string>> ForSale(HttpClient customer) =>
        (await Ok(await customer.GetAsync("/v1/billing/catalogue-items")))["data"]!.AsArray().Select(item => (string)item!["id"]!);

    private static object Body(string plan = "starter", string path = "/done") =>
        new { plan, success_path = path, cancel_path = "/cancelled" };

    private async Task<HttpResponseMessage> Buy(string? key, string plan = "starter", string path = "/done")
    {
        using var request = Request(key, Body(plan, path));
        return await client.SendAsync(request);
    }

    private HttpRequestMessage Request(string? key, object body, string address = "/v1/billing/checkout")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body) };
        request.Headers.Add("Quoin-Org", org.Id.ToString());
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return request;
    }

    private async Task<HttpResponseMessage> Release(string id)
    {
        using var request = Request(null, new { reason = "Looked at it" }, $"/v1/payments/checkouts/{id}/release");
        return await client.SendAsync(request);
    }

    private static async Task<JsonNode> Ok(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private static async Task<JsonNode> Problem(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(status, text);
        var problem = JsonNode.Parse(text)!;
        ((string)problem["code"]!).ShouldBe(code);
        return problem;
    }

    private async Task PricePlan()
    {
        var version = (await host.Get<Plans>().Catalogue(CancellationToken.None)).Newest("starter", Currency.Usd)!;
        await using var command = database.Owner.Sql(
            """
            insert into payments.plan_prices
                (plan_price_id, plan_version_id, provider, mode, component, usage_type, interval_unit, interval_count,
                currency, amount_minor, provider_price_id, is_active, created_at, updated_at)
            values ($1, $2, 'scripted', 'test', 'base', 'licensed', 'month', 1, 'USD', 4900, 'price_starter', true, $3, $3)
            on conflict do nothing
            """,
            host.Get<IdSource>().Next(),
            version.Id.Value,
            clock.GetUtcNow());
        await command.ExecuteNonQueryAsync();
    }
}
