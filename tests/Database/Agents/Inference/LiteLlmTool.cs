using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>A program made for LiteLLM, with what it takes for a master key.</summary>
internal sealed class LiteLlmTool(Gateway gateway, TestOrganisation org, string secret, string key)
{
    public const string Call = """{"model":"demo-echo","max_tokens":50,"messages":[{"role":"user","content":"Hello there"}]}""";

    public TestOrganisation Org => org;

    public string Key => key;

    public static async Task<LiteLlmTool> Of(Gateway gateway)
    {
        var org = await gateway.First.CreateOrganisation();
        var outcome = await gateway.First.Get<Keys>().CreateForOrganisation(
            org.Id,
            new NewKey("master", Scopes: ["inference.call", "usage.read", "virtual_keys.manage"]),
            "test",
            CancellationToken.None);
        var created = outcome.ShouldBeOfType<CreateKeyOutcome.Created>().Key;
        return new LiteLlmTool(gateway, org, created.Secret, created.Key.Id.ToString());
    }

    public async Task<JsonNode> Get(string path)
    {
        using var client = gateway.Second.Client(secret);
        var answer = await client.GetAsync(path);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    public async Task<HttpStatusCode> StatusOf(string path)
    {
        using var client = gateway.Second.Client(secret);
        using var answer = await client.GetAsync(path);
        return answer.StatusCode;
    }

    public async Task<JsonNode> Post(string path, string body, TestHost? on = null)
    {
        var answer = await Sent(path, body, secret, on: on);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    public async Task<(int Status, JsonNode Error)> Refused(
        string path, string body, string? by = null, string? customer = null)
    {
        var answer = await Sent(path, body, by ?? secret, customer);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeFalse(text);
        return ((int)answer.StatusCode, JsonNode.Parse(text)!["error"]!);
    }

    /// <summary>Calls a model; a call that was answered is in the journal when this is done.</summary>
    public async Task<HttpResponseMessage> Called(string by, string body = Call, string path = "/chat/completions")
    {
        var answer = await Sent(path, body, by);
        if (answer.IsSuccessStatusCode)
        {
            using var client = gateway.Second.Client(secret);
            var id = answer.Headers.GetValues("x-request-id").Single();
            for (var tries = 0; tries < 1_000 && !(await client.GetAsync($"/v1/requests/{id}")).IsSuccessStatusCode; tries++)
            {
            }
        }

        return answer;
    }

    /// <summary>Asks for something that is refused.</summary>
    public async Task<int> RefusedToShow(string path)
    {
        using var client = gateway.Second.Client(secret);
        using var answer = await client.GetAsync(path);
        answer.IsSuccessStatusCode.ShouldBeFalse();
        return (int)answer.StatusCode;
    }

    /// <summary>Sends something, whatever is answered.</summary>
    public async Task Try(string path, string body, TestHost on) => (await Sent(path, body, secret, on: on)).Dispose();

    private async Task<HttpResponseMessage> Sent(
        string path, string body, string by, string? customer = null, TestHost? on = null)
    {
        using var client = (on ?? gateway.First).Client(by);
        if (customer is not null)
        {
            client.DefaultRequestHeaders.Add("x-litellm-end-user-id", customer);
        }

        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await client.PostAsync(path, content);
    }
}
