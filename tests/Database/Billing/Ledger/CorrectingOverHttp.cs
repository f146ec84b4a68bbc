using System.Net;
using System.Text.Json.Nodes;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class CorrectingOverHttp(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string Path = "/v1/ledger/corrections";

    private TestHost host = null!;
    private LedgerApi api = null!;
    private HttpClient second = null!;
    private string transfer = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        api = await LedgerApi.Open(host);
        second = await host.OperatorClient();
        second.DefaultRequestHeaders.Add("Quoin-Org", api.Org.Id.ToString());
        transfer = (string)(await api.Posted("/v1/grants", api.Grant(100, "credit")))["transfer"]!;
    }

    public async Task DisposeAsync()
    {
        second.Dispose();
        api.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Waits_for_a_second_operator_and_then_is_posted()
    {
        var asked = await api.Posted(Path, Reversal("key"));
        var id = (string)asked["id"]!;

        await LedgerApi.ShouldBe(
            api.Post($"{Path}/{id}/approve", Why()), HttpStatusCode.Forbidden, "second_operator_required");
        var approved = await (await Decide(second, id, "approve")).Json();
        var shown = await second.GetJson($"{Path}/{id}");
        var posted = await second.GetJson($"{Path}?state=posted&transfer={transfer}");

        ((string)asked["state"]!).ShouldBe("requested");
        ((string)approved["state"]!).ShouldBe("posted");
        ((string)shown["posted_transfer"]!).ShouldBe((string)approved["posted_transfer"]!);
        ((string)posted["data"]!.AsArray().Single()!["id"]!).ShouldBe(id);
        await LedgerApi.ShouldBe(Decide(second, id, "reject"), HttpStatusCode.Conflict, "correction_decided");
        await LedgerApi.ShouldBe(api.Post(Path, Reversal("other")), HttpStatusCode.Conflict, "transfer_already_reversed");
    }

    [Fact]
    public async Task Repeats_its_answer_for_the_same_key()
    {
        var first = await api.Posted(Path, Reversal("key"));

        var again = await api.Posted(Path, Reversal("key"));
        var other = Reversal("key");
        other["reason"] = "another";
        var conflict = await LedgerApi.ShouldBe(api.Post(Path, other), HttpStatusCode.Conflict, "correction_key_conflict");
        var open = await LedgerApi.ShouldBe(api.Post(Path, Reversal("two")), HttpStatusCode.Conflict, "correction_open");

        ((string)again["id"]!).ShouldBe((string)first["id"]!);
        ((string)conflict["correction"]!).ShouldBe((string)first["id"]!);
        ((string)open["correction"]!).ShouldBe((string)first["id"]!);
    }

    [Fact]
    public async Task Is_withdrawn_by_who_asked_only()
    {
        var id = (string)(await api.Posted(Path, Reversal("key")))["id"]!;

        await LedgerApi.ShouldBe(Decide(second, id, "withdraw"), HttpStatusCode.Forbidden, "requester_required");
        var withdrawn = await api.Posted($"{Path}/{id}/withdraw", Why());

        ((string)withdrawn["state"]!).ShouldBe("withdrawn");
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "key", "\"\"" },
        { "key", "\"a\\u0000b\"" },
        { "reason", "\"\"" },
        { "reason", "\"LONG\"" },
        { "evidence", "\" \"" },
        { "evidence", "\"a\\u0007b\"" },
        { "legs", """[{"account":"revenue","amount":{"currency":"USD","amount_micros":1}}]""" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Says_what_is_wrong(string member, string value)
    {
        var request = Reversal("wrong");
        request[member] = JsonNode.Parse(value.Replace("LONG", new string('r', 401), StringComparison.Ordinal));

        var problem = await LedgerApi.ShouldBe(api.Post(Path, request), HttpStatusCode.UnprocessableEntity, "invalid_ledger_input");

        ((string)problem["errors"]![0]!["member"]!).ShouldBe(member);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null, null")]
    [InlineData("bank USD 1, fees USD -2")]
    [InlineData("bank EUR 1, fees EUR -1")]
    [InlineData("bank USD 0, fees USD 0")]
    [InlineData("grants USD 1, fees USD -1")]
    [InlineData("bank USD 1, bank USD -1")]
    [InlineData("bank USD 9223372036854775807, fees USD -9223372036854775807")]
    public async Task Refuses_legs_that_cannot_be(string legs)
    {
        var request = Reversal("adjust");
        request["kind"] = "adjustment";
        request["legs"] = LedgerApi.Legs(legs);

        await LedgerApi.ShouldBe(api.Post(Path, request), HttpStatusCode.UnprocessableEntity, "invalid_ledger_input");
    }

    [Fact]
    public async Task Shows_nobody_what_is_anothers_and_customers_nothing()
    {
        var id = (string)(await api.Posted(Path, Reversal("key")))["id"]!;
        using var other = await LedgerApi.Open(host);
        var stranger = Reversal("theirs").ToJsonString();

        await LedgerApi.ShouldBe(
            LedgerApi.Send(other.Operator, HttpMethod.Post, Path, stranger), HttpStatusCode.NotFound, "not_found");
        await LedgerApi.ShouldBe(Decide(other.Operator, id, "approve"), HttpStatusCode.NotFound, "not_found");
        await LedgerApi.ShouldBe(other.Operator.GetAsync($"{Path}/{id}"), HttpStatusCode.NotFound, "not_found");
        await LedgerApi.ShouldBe(api.Customer.GetAsync(Path), HttpStatusCode.Forbidden, "permission_denied");
        await LedgerApi.ShouldBe(
            LedgerApi.Send(api.Customer, HttpMethod.Post, Path, stranger), HttpStatusCode.Forbidden, "permission_denied");
        (await other.Operator.GetJson(Path))["data"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_newest_first()
    {
        var ledger = host.Get<Quoin.Ledger.Ledger>();
        var customer = Customer.Of(ledger, api.Org);
        for (var index = 0; index < 3; index++)
        {
            var posted = (PostOutcome.Posted)await customer.Run(customer.Usage(1, $"usage-{index}"));
            var request = Reversal($"page-{index}");
            request["transfer"] = posted.Id.ToString();
            await api.Posted(Path, request);
        }

        var first = await api.Operator.GetJson($"{Path}?limit=2");
        var rest = await api.Operator.GetJson($"{Path}?limit=2&cursor={first["next_cursor"]}");

        first["data"]!.AsArray().Concat(rest["data"]!.AsArray()).Select(one => (string)one!["key"]!)
            .ShouldBe(["page-2", "page-1", "page-0"]);
        rest["next_cursor"].ShouldBeNull();
    }

    private JsonObject Reversal(string key) => new()
    {
        ["transfer"] = transfer,
        ["kind"] = "reversal",
        ["key"] = key,
        ["reason"] = "entered twice",
        ["evidence"] = "https://tickets.example/7",
    };

    private static JsonObject Why() => new() { ["reason"] = "checked" };

    private static Task<HttpResponseMessage> Decide(HttpClient client, string id, string act) =>
        LedgerApi.Send(client, HttpMethod.Post, $"{Path}/{id}/{act}", Why().ToJsonString());
}
