using System.Net;
using System.Text.Json.Nodes;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class PostingByHand(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string Path = "/v1/ledger/transfers";

    private TestHost host = null!;
    private LedgerApi api = null!;
    private string grant = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        api = await LedgerApi.Open(host);
        grant = (string)(await api.Posted("/v1/grants", api.Grant(100, "credit")))["grant"]!;
    }

    public async Task DisposeAsync()
    {
        api.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Moves_what_the_legs_say_and_leaves_an_audit_row_a_transfer()
    {
        var posted = await api.Posted(Path, Request(
            Transfer("fee", "fees USD -5, processor_clearing USD 5"),
            Transfer("goodwill", $"{grant} USD -30, revenue USD 30")));

        posted["transfers"]!.AsArray().Count.ShouldBe(2);
        (await Balance("revenue")).ShouldBe(30);
        (await Balance("fees")).ShouldBe(-5);
        (await api.Audited("transfer.posted")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Posts_all_or_none_and_says_which_could_not()
    {
        var problem = await LedgerApi.ShouldBe(
            api.Post(Path, Request(
                Transfer("first", $"{grant} USD -60, revenue USD 60"),
                Transfer("second", $"{grant} USD -41, revenue USD 41"))),
            HttpStatusCode.PaymentRequired,
            "insufficient_funds");

        ((int)problem["index"]!).ShouldBe(1);
        ((long)problem["available"]!["amount_micros"]!).ShouldBe(40);
        (await Balance("revenue")).ShouldBe(0);
        (await api.Audited("transfer.posted")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Posts_once_a_key()
    {
        var first = await api.Posted(Path, Request(Transfer("key", "fees USD -5, bank USD 5")));

        var again = await api.Posted(Path, Request(Transfer("key", "fees USD -5, bank USD 5")));
        var problem = await LedgerApi.ShouldBe(
            api.Post(Path, Request(Transfer("key", "fees USD -6, bank USD 6"))),
            HttpStatusCode.Conflict,
            "transfer_key_conflict");

        ((bool)again["transfers"]![0]!["is_replay"]!).ShouldBeTrue();
        ((string)problem["transfer"]!).ShouldBe((string)first["transfers"]![0]!["transfer"]!);
        (await Balance("fees")).ShouldBe(-5);
        (await api.Audited("transfer.posted")).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("fees USD -5", "invalid_ledger_input")]
    [InlineData("fees USD -5, bank USD 6", "invalid_ledger_input")]
    [InlineData("fees USD -5, fees USD 5", "invalid_ledger_input")]
    [InlineData("grants USD -5, fees USD 5", "invalid_ledger_input")]
    [InlineData("null, null", "invalid_ledger_input")]
    [InlineData("fees EUR -5, bank EUR 5", "invalid_amount")]
    [InlineData("fees USD -5, bank USD 5, revenue USD 0", "invalid_amount")]
    [InlineData("fees USD -1000000000000001, bank USD 1000000000000001", "invalid_amount")]
    public async Task Refuses_legs_that_cannot_be(string legs, string code)
    {
        await LedgerApi.ShouldBe(api.Post(Path, Request(Transfer("wrong", legs))), HttpStatusCode.UnprocessableEntity, code);
    }

    [Fact]
    public async Task Lets_providers_charge_in_another_currency()
    {
        await api.Posted(Path, Request(Transfer("cost", "provider_cost EUR -5, provider_payable EUR 5")));

        (await Balance("provider_payable")).ShouldBe(5);
    }

    [Theory]
    [InlineData("key", "\"\"")]
    [InlineData("key", "\"a\\u0000b\"")]
    [InlineData("reference", "\"\"")]
    [InlineData("occurred_at", "\"2999-01-01T00:00:00Z\"")]
    [InlineData("occurred_at", "\"0001-01-01T00:00:00Z\"")]
    [InlineData("metadata", "{\"a\":null}")]
    public async Task Says_what_is_wrong(string member, string value)
    {
        var transfer = Transfer("wrong", "fees USD -5, bank USD 5");
        transfer[member] = JsonNode.Parse(value);

        var problem = await LedgerApi.ShouldBe(
            api.Post(Path, Request(transfer)), HttpStatusCode.UnprocessableEntity, "invalid_ledger_input");

        ((string)problem["errors"]![0]!["member"]!).ShouldBe($"transfers[0].{member}");
    }

    [Theory]
    [InlineData("""{"transfers":[],"reason":"none"}""")]
    [InlineData("""{"transfers":[null],"reason":"none"}""")]
    public async Task Refuses_to_post_nothing(string body)
    {
        await LedgerApi.ShouldBe(
            LedgerApi.Send(api.Operator, HttpMethod.Post, Path, body),
            HttpStatusCode.UnprocessableEntity,
            "invalid_ledger_input");
    }

    [Fact]
    public async Task Takes_a_hundred_linked_ones_and_no_more()
    {
        var hundred = Enumerable.Range(0, 100).Select(index => Transfer($"many-{index}", "fees USD -1, bank USD 1"));
        await api.Posted(Path, Request([.. hundred]));

        var more = Enumerable.Range(0, 101).Select(index => Transfer($"more-{index}", "fees USD -1, bank USD 1"));
        await LedgerApi.ShouldBe(
            api.Post(Path, Request([.. more])), HttpStatusCode.UnprocessableEntity, "invalid_ledger_input");

        (await Balance("bank")).ShouldBe(100);
    }

    [Fact]
    public async Task Is_for_operators_and_reaches_nobody_elses_grant()
    {
        using var other = await LedgerApi.Open(host);
        var body = Request(Transfer("stolen", $"{grant} USD -1, revenue USD 1"));

        await LedgerApi.ShouldBe(
            LedgerApi.Send(api.Customer, HttpMethod.Post, Path, body.ToJsonString()), HttpStatusCode.Forbidden, "permission_denied");
        await LedgerApi.ShouldBe(other.Post(Path, body), HttpStatusCode.NotFound, "not_found");
        body["transfers"]![0]!["billing_account"] = other.BillingAccount;
        await LedgerApi.ShouldBe(other.Post(Path, body), HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Sets_how_far_below_zero_a_customer_may_plan()
    {
        var request = new JsonObject
        {
            ["billing_account"] = api.BillingAccount,
            ["limit"] = LedgerApi.Usd(50),
            ["reason"] = "known customer",
        };
        using var set = await api.Send(HttpMethod.Put, "/v1/ledger/credit-limit", request);
        await api.Posted("/v1/holds", api.Hold(150, "all"));
        var problem = await LedgerApi.ShouldBe(
            api.Post("/v1/holds", api.Hold(1, "more")), HttpStatusCode.PaymentRequired, "insufficient_funds");

        ((long)(await set.Json())["before"]!["amount_micros"]!).ShouldBe(0);
        ((long)problem["available"]!["amount_micros"]!).ShouldBe(0);
        (await api.Audited("credit_limit.set")).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("USD", -1)]
    [InlineData("USD", 1_000_000_000_000_001)]
    [InlineData("EUR", 1)]
    public async Task Takes_no_limit_that_cannot_be(string currency, long micros)
    {
        var request = new JsonObject
        {
            ["billing_account"] = api.BillingAccount,
            ["limit"] = LedgerApi.Money(currency, micros),
            ["reason"] = "known customer",
        };

        await LedgerApi.ShouldBe(
            api.Send(HttpMethod.Put, "/v1/ledger/credit-limit", request),
            HttpStatusCode.UnprocessableEntity,
            "invalid_ledger_input");
    }

    private static JsonObject Request(params JsonNode[] transfers) =>
        new() { ["transfers"] = new JsonArray(transfers), ["reason"] = "month's end" };

    private JsonObject Transfer(string key, string legs) => new()
    {
        ["billing_account"] = api.BillingAccount,
        ["key"] = key,
        ["occurred_at"] = "2026-01-31T12:00:00Z",
        ["reference"] = "test",
        ["legs"] = LedgerApi.Legs(legs),
    };

    private async Task<long> Balance(string kind) => (await api.Get($"/v1/ledger/accounts?kind={kind}"))["data"]!.AsArray()
        .Sum(account => (long)account!["balance"]!["amount_micros"]!);
}
