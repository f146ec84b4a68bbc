using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

/// <summary>An organisation's books as the API shows them: a client of the operator acting in it, and one of its own.</summary>
internal sealed class LedgerApi : IDisposable
{
    private readonly HttpClient operatorClient;
    private readonly HttpClient customerClient;

    private LedgerApi(TestOrganisation org, HttpClient operatorClient, HttpClient customerClient)
    {
        (Org, this.operatorClient, this.customerClient) = (org, operatorClient, customerClient);
        operatorClient.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());
    }

    public TestOrganisation Org { get; }

    public string BillingAccount => Org.BillingAccount.ToString();

    public HttpClient Operator => operatorClient;

    public HttpClient Customer => customerClient;

    public static async Task<LedgerApi> Open(TestHost host, Settlement settlement = Settlement.Prepaid)
    {
        var org = await host.CreateOrganisation(settlement);
        return new LedgerApi(org, await host.OperatorClient(), host.Client(org.Key));
    }

    public static JsonObject Usd(long micros) => Money("USD", micros);

    public static JsonObject Money(string currency, long micros) =>
        new() { ["currency"] = currency, ["amount_micros"] = micros };

    /// <summary>Legs from text: <c>bank USD 5, fees USD -5</c>; an account may be a grant's id.</summary>
    public static JsonArray Legs(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Leg)];

    /// <summary>Sends a body as the operator.</summary>
    public Task<HttpResponseMessage> Send(HttpMethod method, string path, JsonNode? body, string? idempotencyKey = null) =>
        Send(operatorClient, method, path, body?.ToJsonString(), idempotencyKey);

    public Task<HttpResponseMessage> Post(string path, JsonNode? body = null) => Send(HttpMethod.Post, path, body);

    /// <summary>Posts what must succeed.</summary>
    public async Task<JsonNode> Posted(string path, JsonNode? body = null)
    {
        using var answer = await Post(path, body);
        answer.IsSuccessStatusCode.ShouldBeTrue($"{path}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Json();
    }

    /// <summary>Reads as the customer.</summary>
    public Task<JsonNode> Get(string path) => customerClient.GetJson(path);

    public static async Task<HttpResponseMessage> Send(
        HttpClient client, HttpMethod method, string path, string? body, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await client.SendAsync(request);
    }

    /// <summary>A problem with a code and its status; hands its body on.</summary>
    public static async Task<JsonNode> ShouldBe(Task<HttpResponseMessage> sending, HttpStatusCode status, string code)
    {
        using var answer = await sending;
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(status, text);
        var problem = JsonNode.Parse(text)!;
        ((string)problem["code"]!).ShouldBe(code, text);
        return problem;
    }

    public JsonObject Grant(long micros, string key) => new()
    {
        ["billing_account"] = BillingAccount,
        ["amount"] = Usd(micros),
        ["source"] = "purchased",
        ["key"] = key,
        ["reason"] = "test",
    };

    public JsonObject Hold(long micros, string key) => new()
    {
        ["billing_account"] = BillingAccount,
        ["amount"] = Usd(micros),
        ["key"] = key,
        ["reference"] = "test",
        ["ttl_seconds"] = 600,
    };

    /// <summary>What of an organisation's audit log says that something was done.</summary>
    public async Task<IReadOnlyList<JsonNode>> Audited(string action) =>
    [
        .. (await operatorClient.GetJson("/v1/audit"))["data"]!.AsArray()
            .Where(entry => (string)entry!["action"]! == action)
            .Select(entry => entry!),
    ];

    public void Dispose()
    {
        operatorClient.Dispose();
        customerClient.Dispose();
    }

    private static JsonObject? Leg(string text)
    {
        if (text.Split(' ') is not [var account, var currency, var micros])
        {
            return null;
        }

        var isGrant = account.StartsWith("grant_", StringComparison.Ordinal);
        var leg = new JsonObject
        {
            ["account"] = isGrant ? "grants" : account,
            ["amount"] = Money(currency, long.Parse(micros, null)),
        };
        if (isGrant)
        {
            leg["grant"] = account;
        }

        return leg;
    }
}
