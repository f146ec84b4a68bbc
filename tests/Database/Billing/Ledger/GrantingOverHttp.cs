using System.Net;
using System.Text.Json.Nodes;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class GrantingOverHttp(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private LedgerApi api = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        api = await LedgerApi.Open(host);
    }

    public async Task DisposeAsync()
    {
        api.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Gives_credit_with_its_terms_and_one_audit_row()
    {
        var request = api.Grant(100, "welcome");
        request["priority"] = 7;
        request["scopes"] = new JsonArray("model:gpt-4o");
        request["metadata"] = new JsonObject { ["order"] = "o-1" };

        var made = await api.Posted("/v1/grants", request);

        ((bool)made["is_replay"]!).ShouldBeFalse();
        ((string)made["transfer"]!).ShouldStartWith("tr_");
        var audit = (await api.Audited("grant.created")).Single();
        ((string)audit["subject"]!).ShouldBe((string)made["grant"]!);
        ((string)audit["reason"]!).ShouldBe("test");
    }

    [Fact]
    public async Task Gives_once_a_key_with_and_without_an_idempotency_key()
    {
        var first = await api.Posted("/v1/grants", api.Grant(100, "once"));

        var again = await api.Posted("/v1/grants", api.Grant(100, "once"));
        using var named = await api.Send(HttpMethod.Post, "/v1/grants", api.Grant(100, "twice"), "one");
        using var repeated = await api.Send(HttpMethod.Post, "/v1/grants", api.Grant(100, "twice"), "one");

        ((bool)again["is_replay"]!).ShouldBeTrue();
        ((string)again["grant"]!).ShouldBe((string)first["grant"]!);
        (await repeated.Content.ReadAsStringAsync()).ShouldBe(await named.Content.ReadAsStringAsync());
        repeated.Headers.GetValues("Idempotency-Replayed").ShouldBe(["true"]);
        (await Available()).ShouldBe(200);
        (await api.Audited("grant.created")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Names_the_first_transfer_when_the_key_says_something_else()
    {
        var first = await api.Posted("/v1/grants", api.Grant(100, "taken"));

        var problem = await LedgerApi.ShouldBe(
            api.Post("/v1/grants", api.Grant(101, "taken")), HttpStatusCode.Conflict, "transfer_key_conflict");

        ((string)problem["transfer"]!).ShouldBe((string)first["transfer"]!);
    }

    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "amount", """{"currency":"USD","amount_micros":0}""", "invalid_amount" },
        { "amount", """{"currency":"USD","amount_micros":-1}""", "invalid_amount" },
        { "amount", """{"currency":"USD","amount_micros":1000000000001}""", "invalid_amount" },
        { "amount", """{"currency":"EUR","amount_micros":1}""", "invalid_amount" },
        { "key", "\"\"", "invalid_ledger_input" },
        { "key", "\"a\\u0000b\"", "invalid_ledger_input" },
        { "key", "\"LONG\"", "invalid_ledger_input" },
        { "reason", "\" \"", "invalid_ledger_input" },
        { "reason", "\"a\\u0000b\"", "invalid_ledger_input" },
        { "priority", "101", "invalid_ledger_input" },
        { "priority", "-1", "invalid_ledger_input" },
        { "expires_at", "\"2020-01-01T00:00:00Z\"", "invalid_ledger_input" },
        { "expires_at", "\"9999-12-31T23:59:59Z\"", "invalid_ledger_input" },
        { "effective_at", "\"0001-01-01T00:00:00Z\"", "invalid_ledger_input" },
        { "scopes", "[\"a\",\"a\"]", "invalid_ledger_input" },
        { "scopes", "[\"\"]", "invalid_ledger_input" },
        { "scopes", "[null]", "invalid_ledger_input" },
        { "metadata", "{\"a\":\"\\u0000\"}", "invalid_ledger_input" },
        { "metadata", "{\"a\":null}", "invalid_ledger_input" },
        { "metadata", "{\"\":\"a\"}", "invalid_ledger_input" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Says_what_is_wrong(string member, string value, string code)
    {
        var request = api.Grant(100, "wrong");
        request[member] = JsonNode.Parse(value.Replace("LONG", new string('k', 201), StringComparison.Ordinal));

        var problem = await LedgerApi.ShouldBe(api.Post("/v1/grants", request), HttpStatusCode.UnprocessableEntity, code);

        ((string)problem["errors"]![0]!["member"]!).ShouldStartWith(member);
        (await Available()).ShouldBe(0);
    }

    [Theory]
    [InlineData("{", "malformed_json")]
    [InlineData("[]", "malformed_json")]
    [InlineData("""{"key":"a"}""", "malformed_json")]
    [InlineData("""{"source":"stolen"}""", "malformed_json")]
    [InlineData("""{"key":"a","key":"b"}""", "malformed_json")]
    [InlineData("""{"amount":{"currency":"USD","amount_micros":1.5}}""", "malformed_json")]
    [InlineData("""{"amount":{"currency":"USD","amount_micros":99999999999999999999}}""", "malformed_json")]
    public async Task Refuses_a_body_it_cannot_read(string body, string code)
    {
        await LedgerApi.ShouldBe(
            LedgerApi.Send(api.Operator, HttpMethod.Post, "/v1/grants", body), HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task Refuses_a_body_that_is_too_long()
    {
        await LedgerApi.ShouldBe(
            LedgerApi.Send(api.Operator, HttpMethod.Post, "/v1/grants", new string(' ', 65 * 1024)),
            HttpStatusCode.RequestEntityTooLarge,
            "body_too_large");
    }

    [Fact]
    public async Task Is_for_operators_only_and_in_their_own_organisation()
    {
        using var other = await LedgerApi.Open(host);
        var body = api.Grant(1, "stolen").ToJsonString();

        await LedgerApi.ShouldBe(
            LedgerApi.Send(api.Customer, HttpMethod.Post, "/v1/grants", body), HttpStatusCode.Forbidden, "permission_denied");
        await LedgerApi.ShouldBe(
            LedgerApi.Send(other.Operator, HttpMethod.Post, "/v1/grants", body), HttpStatusCode.NotFound, "not_found");
        using var nobody = host.Client(null);
        await LedgerApi.ShouldBe(
            LedgerApi.Send(nobody, HttpMethod.Post, "/v1/grants", body), HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task Takes_back_what_is_left_and_says_so_again()
    {
        var grant = (string)(await api.Posted("/v1/grants", api.Grant(100, "mistake")))["grant"]!;
        var why = new JsonObject { ["reason"] = "typed wrongly" };

        var voided = await api.Posted($"/v1/grants/{grant}/void", why);
        var again = await api.Posted($"/v1/grants/{grant}/void", why);

        ((long)voided["amount"]!["amount_micros"]!).ShouldBe(100);
        again["transfer"].ShouldBeNull();
        (await Available()).ShouldBe(0);
        (await api.Audited("grant.voided")).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("grant_00000000000000000000000000")]
    [InlineData("tr_nonsense")]
    public async Task Cannot_take_back_what_is_not_there(string grant)
    {
        await LedgerApi.ShouldBe(
            api.Post($"/v1/grants/{grant}/void", new JsonObject { ["reason"] = "none" }), HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Cannot_take_back_what_is_anothers()
    {
        using var other = await LedgerApi.Open(host);
        var grant = (string)(await other.Posted("/v1/grants", other.Grant(100, "theirs")))["grant"]!;

        await LedgerApi.ShouldBe(
            api.Post($"/v1/grants/{grant}/void", new JsonObject { ["reason"] = "mine" }), HttpStatusCode.NotFound, "not_found");
    }

    private async Task<long> Available() =>
        (await api.Get("/v1/balance"))["data"]!.AsArray().Sum(row => (long)row!["available"]!["amount_micros"]!);
}
