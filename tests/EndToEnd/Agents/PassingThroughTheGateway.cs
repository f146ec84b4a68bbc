using System.Net;
using System.Text;
using System.Text.Json;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>What goes through as it is, what is changed on the way, and what clients are told beside the answer.</summary>
[Collection(GatewayTests.Name)]
public sealed class PassingThroughTheGateway(Gateway gateway) : IAsyncLifetime
{
    private HttpClient client = null!;
    private HttpClient desk = null!;

    public async Task InitializeAsync()
    {
        client = gateway.Host.Client(gateway.Organisation.Key);
        desk = await gateway.Host.OperatorClient();
    }

    public Task DisposeAsync()
    {
        client.Dispose();
        desk.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Bytes_go_through_but_for_the_models_name()
    {
        const string answered = """
            { "id":"msg_1", "type":"message", "content":[], "news":1.50, "usage":{"input_tokens":1,"output_tokens":2} }
            """;
        await using var provider = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(context, answered));
        await gateway.AddProvider(desk, "passing", "anthropic", provider.Address, ["anthropic_messages"]);
        await Gateway.AddModel(desk, "passing/alias", ("passing", "claude-x"));
        using var request = Asking("/v1/messages?beta=true", """
            { "max_tokens" : 7, "model":"passing/alias", "messages":[{"role":"user","content":"h\u00e9 \/ 1e2"}],
              "context_management" : { "edits": [ 1.0, null ] } }
            """);
        request.Headers.Add("anthropic-beta", "context-management-2025-06-27");
        request.Headers.Add("anthropic-version", "2023-06-01");
        request.Headers.Add("X-Brand-New", "yes");
        request.Headers.Add("X-Claude-Code-Session-Id", "session-7");

        using var answer = await client.SendAsync(request);

        (await answer.Content.ReadAsStringAsync()).ShouldBe(answered);
        var seen = provider.Seen.Single();
        seen.Path.ShouldBe("/v1/messages?beta=true");
        seen.Body.ShouldBe("""
            { "max_tokens" : 7, "model":"claude-x", "messages":[{"role":"user","content":"h\u00e9 \/ 1e2"}],
              "context_management" : { "edits": [ 1.0, null ] } }
            """);
        seen.Headers["anthropic-beta"].ShouldBe("context-management-2025-06-27");
        seen.Headers["X-Brand-New"].ShouldBe("yes");
        seen.Headers["x-api-key"].ShouldBe(gateway.Organisation.Key, "the provider's own credential, which here is the same");
        seen.Headers.Keys.ShouldNotContain("Authorization");
        var call = gateway.Money.Admitted(IdOf(answer)).Call;
        call.Session.ShouldBe("session-7");
    }

    [Fact]
    public async Task Plain_answers_tell_what_they_cost()
    {
        using var answer = await client.SendAsync(Asking("/v1/chat/completions", Echo));

        answer.Headers.GetValues("x-quoin-cost-micros").Single().ShouldBe("24", "two words in for 2, two out for 10");
        IdOf(answer).ShouldStartWith("req_");
    }

    [Fact]
    public async Task Streams_end_with_what_they_cost()
    {
        using var answer = await client.SendAsync(Asking("/v1/messages", Echo.Replace("\"stream\":false", "\"stream\":true")));

        var text = await answer.Content.ReadAsStringAsync();
        text.ShouldMatch($": quoin request_id={IdOf(answer)} cost_micros=24 balance_micros=-?[0-9]*\n\n$");
        text.ShouldContain("event: message_stop");
    }

    [Fact]
    public async Task Bounds_are_known_before_the_call()
    {
        using var answer = await client.SendAsync(Asking("/v1/chat/completions", Echo));

        var bounds = gateway.Money.Admitted(IdOf(answer)).Bounds;
        bounds.OutputTokensMost.ShouldBe(50);
        bounds.InputTokensMost.ShouldBe(Encoding.UTF8.GetByteCount(Echo) + 1_000);
    }

    [Theory]
    [InlineData("/v1/chat/completions", "error.type", "budget_exceeded")]
    [InlineData("/v1/responses", "error.type", "budget_exceeded")]
    [InlineData("/v1/messages", "error.type", "budget_exceeded")]
    public async Task Money_that_is_not_there_is_said_in_the_clients_protocol(string path, string member, string word)
    {
        await Gateway.AddModel(desk, MoneySeams.TooDear, ("self-openai", "demo-echo"));

        using var answer = await client.SendAsync(Asking(path, Echo.Replace("demo-echo", MoneySeams.TooDear)));

        answer.StatusCode.ShouldBe(HttpStatusCode.PaymentRequired);
        var error = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        member.Split('.').Aggregate(error, (owner, name) => owner.GetProperty(name)).GetString().ShouldBe(word);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
    }

    [Theory]
    [InlineData("{\"model\":\"demo-echo\"", 400)]
    [InlineData("[]", 400)]
    [InlineData("{\"messages\":[]}", 400)]
    [InlineData("{\"model\":\"demo-echo\",\"max_tokens\":-1}", 400)]
    public async Task What_is_no_request_is_refused_in_the_clients_protocol(string body, int status)
    {
        using var answer = await client.SendAsync(Asking("/v1/messages", body));

        ((int)answer.StatusCode).ShouldBe(status);
        var error = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        error.GetProperty("type").GetString().ShouldBe("error");
        error.GetProperty("error").GetProperty("type").GetString().ShouldBe("invalid_request_error");
    }

    [Fact]
    public async Task A_key_may_come_where_anthropics_clients_put_it_and_only_there()
    {
        using var stranger = gateway.Host.Client(null);
        stranger.DefaultRequestHeaders.Add("x-api-key", gateway.Organisation.Key);

        using var called = await stranger.SendAsync(Asking("/v1/messages", Echo));
        using var elsewhere = await stranger.GetAsync("/v1/usage");

        called.StatusCode.ShouldBe(HttpStatusCode.OK);
        elsewhere.StatusCode.ShouldNotBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Somebody_is_there()
    {
        using var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Whatever_was_admitted_is_settled()
    {
        using var answer = await client.SendAsync(Asking("/v1/chat/completions", Echo.Replace("demo-echo", "demo-error-500")));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await gateway.Money.Ending(IdOf(answer))).Usage.IsNone.ShouldBeTrue();
    }

    [Fact]
    public async Task Credentials_are_kept_secret()
    {
        await gateway.AddProvider(desk, "secretive", "openai", new Uri("https://api.openai.com/v1"), ["openai_chat"]);

        var list = await desk.GetStringAsync("/v1/inference/providers");

        list.ShouldContain("\"has_credential\":true");
        list.ShouldNotContain(gateway.Organisation.Key);
        (await desk.DeleteAsync("/v1/inference/providers/secretive")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await desk.DeleteAsync("/v1/inference/providers/self-openai")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    private const string Echo =
        """{"model":"demo-echo","max_tokens":50,"stream":false,"messages":[{"role":"user","content":"one two"}],"input":"one two"}""";

    private static HttpRequestMessage Asking(string path, string body) =>
        new(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private static string IdOf(HttpResponseMessage answer) => answer.Headers.GetValues("x-request-id").Single();
}
