using System.Net;
using System.Text.Json.Nodes;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class HoldingOverHttp(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private LedgerApi api = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        api = await LedgerApi.Open(host);
        await api.Posted("/v1/grants", api.Grant(100, "credit"));
    }

    public async Task DisposeAsync()
    {
        api.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Reserves_renews_captures_in_part_and_ends()
    {
        var hold = await Held(60, "call");

        var renewed = await api.Posted($"/v1/holds/{hold}/renew", new JsonObject { ["ttl_seconds"] = 3_600 });
        await api.Posted($"/v1/holds/{hold}/capture", Capture(20, "part", isLast: false));
        var last = await api.Posted($"/v1/holds/{hold}/capture", Capture(10, "rest"));
        var released = await api.Posted($"/v1/holds/{hold}/release");

        ((string)renewed["state"]!).ShouldBe("open");
        ((string)last["transfer"]!).ShouldStartWith("tr_");
        ((string)released["state"]!).ShouldBe("captured");
        (await Balance("available")).ShouldBe(70);
        (await Balance("used")).ShouldBe(30);
    }

    [Fact]
    public async Task Says_what_there_is_when_there_is_less()
    {
        await Held(60, "first");

        var problem = await LedgerApi.ShouldBe(
            api.Post("/v1/holds", api.Hold(41, "second")), HttpStatusCode.PaymentRequired, "insufficient_funds");

        ((long)problem["available"]!["amount_micros"]!).ShouldBe(40);
    }

    [Fact]
    public async Task Holds_once_a_key()
    {
        var first = await Held(60, "call");

        var again = await api.Posted("/v1/holds", api.Hold(60, "call"));
        var problem = await LedgerApi.ShouldBe(
            api.Post("/v1/holds", api.Hold(61, "call")), HttpStatusCode.Conflict, "hold_key_conflict");

        ((bool)again["is_replay"]!).ShouldBeTrue();
        ((string)again["hold"]!).ShouldBe(first);
        ((string)problem["hold"]!).ShouldBe(first);
    }

    [Fact]
    public async Task Cannot_be_captured_beyond_what_it_has_unless_that_is_meant()
    {
        var hold = await Held(60, "call");

        var problem = await LedgerApi.ShouldBe(
            api.Post($"/v1/holds/{hold}/capture", Capture(61, "more")), HttpStatusCode.Conflict, "more_than_held");
        var meant = Capture(61, "more");
        meant["may_exceed"] = true;
        await api.Posted($"/v1/holds/{hold}/capture", meant);

        ((long)problem["held"]!["amount_micros"]!).ShouldBe(60);
        (await Balance("available")).ShouldBe(39);
    }

    [Fact]
    public async Task Takes_no_more_once_it_has_ended()
    {
        var hold = await Held(60, "call");
        await api.Posted($"/v1/holds/{hold}/release");

        var capture = await LedgerApi.ShouldBe(
            api.Post($"/v1/holds/{hold}/capture", Capture(1, "late")), HttpStatusCode.Conflict, "hold_ended");
        await LedgerApi.ShouldBe(
            api.Post($"/v1/holds/{hold}/renew", new JsonObject { ["ttl_seconds"] = 60 }), HttpStatusCode.Conflict, "hold_ended");

        ((string)capture["state"]!).ShouldBe("released");
    }

    [Fact]
    public async Task Is_captured_once_a_key_and_in_its_own_currency()
    {
        var hold = await Held(60, "call");
        var first = await api.Posted($"/v1/holds/{hold}/capture", Capture(10, "part", isLast: false));

        var again = await api.Posted($"/v1/holds/{hold}/capture", Capture(10, "part", isLast: false));
        await LedgerApi.ShouldBe(
            api.Post($"/v1/holds/{hold}/capture", Capture(11, "part", isLast: false)),
            HttpStatusCode.Conflict,
            "transfer_key_conflict");
        var euros = Capture(10, "euros");
        euros["amount"] = LedgerApi.Money("EUR", 10);
        await LedgerApi.ShouldBe(
            api.Post($"/v1/holds/{hold}/capture", euros), HttpStatusCode.UnprocessableEntity, "invalid_amount");

        ((bool)again["is_replay"]!).ShouldBeTrue();
        ((string)again["transfer"]!).ShouldBe((string)first["transfer"]!);
        (await Balance("used")).ShouldBe(10);
    }

    [Theory]
    [InlineData("ttl_seconds", "0")]
    [InlineData("ttl_seconds", "2678401")]
    [InlineData("ttl_seconds", "-2147483648")]
    [InlineData("ttl_seconds", "null")]
    [InlineData("expires_at", "\"2126-01-01T00:00:00Z\"")]
    [InlineData("key", "\"a\\u0000b\"")]
    [InlineData("reference", "\"\"")]
    [InlineData("scopes", "[null]")]
    public async Task Says_what_is_wrong(string member, string value)
    {
        var request = api.Hold(10, "wrong");
        request[member] = JsonNode.Parse(value);

        await LedgerApi.ShouldBe(
            api.Post("/v1/holds", request), HttpStatusCode.UnprocessableEntity, "invalid_ledger_input");
    }

    [Theory]
    [InlineData("2020-01-01T00:00:00Z")]
    [InlineData("2126-01-01T00:00:00Z")]
    public async Task Takes_no_end_that_is_past_or_too_far(string end)
    {
        var request = api.Hold(10, "wrong");
        request.Remove("ttl_seconds");
        request["expires_at"] = end;

        await LedgerApi.ShouldBe(
            api.Post("/v1/holds", request), HttpStatusCode.UnprocessableEntity, "invalid_ledger_input");
    }

    [Theory]
    [InlineData("capture", """{"amount":{"currency":"USD","amount_micros":1},"key":"k","reference":"r"}""")]
    [InlineData("renew", """{"ttl_seconds":60}""")]
    [InlineData("release", null)]
    public async Task Shows_nobody_what_is_anothers_and_lets_customers_only_read(string act, string? body)
    {
        var hold = await Held(10, "call");
        using var other = await LedgerApi.Open(host);

        await LedgerApi.ShouldBe(
            LedgerApi.Send(other.Operator, HttpMethod.Post, $"/v1/holds/{hold}/{act}", body), HttpStatusCode.NotFound, "not_found");
        await LedgerApi.ShouldBe(
            LedgerApi.Send(api.Customer, HttpMethod.Post, $"/v1/holds/{hold}/{act}", body),
            HttpStatusCode.Forbidden,
            "permission_denied");
        await LedgerApi.ShouldBe(
            LedgerApi.Send(api.Operator, HttpMethod.Post, $"/v1/holds/hold_x/{act}", body), HttpStatusCode.NotFound, "not_found");
    }

    private async Task<string> Held(long micros, string key) =>
        (string)(await api.Posted("/v1/holds", api.Hold(micros, key)))["hold"]!;

    private static JsonObject Capture(long micros, string key, bool isLast = true) => new()
    {
        ["amount"] = LedgerApi.Usd(micros),
        ["key"] = key,
        ["reference"] = "test",
        ["is_last"] = isLast,
    };

    private async Task<long> Balance(string name) =>
        (await api.Get("/v1/balance"))["data"]!.AsArray().Sum(row => (long)row![name]!["amount_micros"]!);
}
