using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quoin.Inference;
using Quoin.Kernel;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>
/// Azure, Bedrock and Gemini over a socket. What they answer is written from their references: "Azure OpenAI REST API",
/// "Amazon Bedrock API Reference", "Gemini API reference" v1beta.
/// </summary>
[Collection(GatewayTests.Name)]
public sealed class CallingOtherVendors(Gateway gateway) : IAsyncLifetime
{
    private const string Completion = """
        {"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant",
        "content":"fine"},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}
        """;

    private const string Message = """
        {"id":"msg_bdrk_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"fine"}],
        "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":11,"output_tokens":7,"cache_read_input_tokens":3}}
        """;

    private static readonly string[] MessageEvents =
    [
        """{"type":"message_start","message":{"id":"msg_1","model":"claude","usage":{"input_tokens":11,"output_tokens":1}}}""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"fine"}}""",
        """{"type":"content_block_stop","index":0}""",
        """{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":7}}""",
        """{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":11,"outputTokenCount":7}}""",
    ];

    private readonly string name = $"vendor-{new IdSource(TimeProvider.System).Next():n}";
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

    [Theory]
    [InlineData("", "2024-10-21", "/openai/deployments/gpt%204o/chat/completions?api-version=2024-10-21")]
    [InlineData("/openai/v1", null, "/openai/v1/chat/completions")]
    public async Task Azure_is_called_by_its_deployment_with_its_own_header(string path, string? version, string expected)
    {
        await using var azure = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(context, Completion));
        await Offer("azure_openai", azure, "gpt 4o", path, "azure-key", new { api_version = version });

        var (answer, id) = await Chat(isStream: false);

        (await answer.Content.ReadAsStringAsync()).ShouldContain("fine");
        var seen = azure.Seen.Single();
        seen.Path.Replace(" ", "%20", StringComparison.Ordinal).ShouldBe(expected);
        seen.Headers["api-key"].ShouldBe("azure-key");
        seen.Headers.ContainsKey("Authorization").ShouldBeFalse();
        JsonNode.Parse(seen.Body)!["model"]!.GetValue<string>().ShouldBe("gpt 4o");
        (await gateway.Money.Ending(id)).Usage.InputTokens.ShouldBe(11);
    }

    [Fact]
    public async Task Bedrock_is_signed_and_Anthropics_models_are_invoked_in_their_own_words()
    {
        await using var bedrock = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(
            context, context.Request.Path.Value!.EndsWith("/count-tokens", StringComparison.Ordinal) ? """{"inputTokens":42}""" : Message));
        await Offer("bedrock", bedrock, "eu.anthropic.claude-sonnet-4-v1:0", "", "AKID:secret:session", new { region = "eu-central-1" });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages")
        {
            Content = JsonContent.Create(new { model = name, max_tokens = 50, messages = new[] { new { role = "user", content = "Hi" } } }),
        };
        request.Headers.Add("anthropic-beta", "context-1m-2025-08-07");

        using var answer = await client.SendAsync(request);
        using var counted = await client.PostAsJsonAsync("/v1/messages/count_tokens", new
        {
            model = name,
            messages = new[] { new { role = "user", content = "Hi" } },
        });

        (await counted.Content.ReadFromJsonAsync<JsonObject>())!["input_tokens"]!.GetValue<int>().ShouldBe(42);
        var wrapped = JsonNode.Parse(bedrock.Seen[1].Body)!["input"]!["invokeModel"]!["body"]!.GetValue<string>();
        var inner = JsonNode.Parse(Convert.FromBase64String(wrapped))!;
        ((string)inner["anthropic_version"]!, (int)inner["max_tokens"]!).ShouldBe(("bedrock-2023-05-31", 1));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        bedrock.Seen[1].Path.ShouldBe("/model/eu.anthropic.claude-sonnet-4-v1:0/count-tokens");
        var seen = bedrock.Seen[0];
        seen.Path.ShouldBe("/model/eu.anthropic.claude-sonnet-4-v1:0/invoke");
        seen.Headers["Authorization"].ShouldStartWith("AWS4-HMAC-SHA256 Credential=AKID/");
        seen.Headers["Authorization"].ShouldContain("/eu-central-1/bedrock/aws4_request");
        seen.Headers["Authorization"].ShouldContain("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token");
        seen.Headers["x-amz-security-token"].ShouldBe("session");
        seen.Headers["Authorization"].ShouldBe(SignedAgain(seen));
        var sent = JsonNode.Parse(seen.Body)!;
        sent["anthropic_version"]!.GetValue<string>().ShouldBe("bedrock-2023-05-31");
        sent["anthropic_beta"]![0]!.GetValue<string>().ShouldBe("context-1m-2025-08-07");
        sent["model"].ShouldBeNull();
        var usage = (await gateway.Money.Ending(answer.Headers.GetValues("x-request-id").Single())).Usage;
        (usage.InputTokens, usage.CachedReadTokens, usage.OutputTokens).ShouldBe((11, 3, 7));
    }

    [Fact]
    public async Task Bedrocks_stream_reaches_clients_of_both_protocols()
    {
        await using var bedrock = await ScriptedModelProvider.Start((context, _) => EventStream(
            context,
            [.. MessageEvents.Select(one => Frame(
                "chunk", $$"""{"bytes":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(one))}}"}"""))]));
        await Offer("bedrock", bedrock, "anthropic.claude", "", "bedrock-api-key", new { });

        using var native = await client.PostAsJsonAsync("/v1/messages", new
        {
            model = name,
            max_tokens = 50,
            stream = true,
            messages = new[] { new { role = "user", content = "Hi" } },
        });
        var (translated, id) = await Chat(isStream: true);

        var events = await native.Content.ReadAsStringAsync();
        events.ShouldContain("event: content_block_delta\ndata: " + MessageEvents[2]);
        events.ShouldContain("event: message_stop");
        var chunks = await translated.Content.ReadAsStringAsync();
        chunks.ShouldContain("\"content\":\"fine\"");
        chunks.ShouldContain("[DONE]");
        bedrock.Seen.ShouldAllBe(one => one.Path == "/model/anthropic.claude/invoke-with-response-stream");
        bedrock.Seen[0].Headers["Authorization"].ShouldBe("Bearer bedrock-api-key");
        (await gateway.Money.Ending(id)).Usage.OutputTokens.ShouldBe(7);
    }

    [Fact]
    public async Task Other_models_of_Bedrock_are_conversed_with()
    {
        await using var bedrock = await ScriptedModelProvider.Start((context, _) => EventStream(
            context,
            Frame("messageStart", """{"role":"assistant"}"""),
            Frame("contentBlockDelta", """{"contentBlockIndex":0,"delta":{"text":"fine"}}"""),
            Frame("contentBlockStop", """{"contentBlockIndex":0}"""),
            Frame("messageStop", """{"stopReason":"end_turn"}"""),
            Frame("metadata", """{"usage":{"inputTokens":11,"outputTokens":7,"totalTokens":18},"metrics":{"latencyMs":5}}""")));
        await Offer("bedrock", bedrock, "amazon.nova-pro-v1:0", "", "AKID:secret", new { });

        var (answer, id) = await Chat(isStream: true);

        (await answer.Content.ReadAsStringAsync()).ShouldContain("\"content\":\"fine\"");
        bedrock.Seen.Single().Path.ShouldEndWith("/converse-stream");
        var ending = await gateway.Money.Ending(id);
        (ending.Status, ending.Usage.InputTokens, ending.Usage.OutputTokens).ShouldBe((CallStatus.Succeeded, 11, 7));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_of_Bedrock_that_breaks_says_so(bool isException)
    {
        var broken = Frame("contentBlockDelta", """{"delta":{"text":"more"}}""");
        broken[20] ^= 1;
        await using var bedrock = await ScriptedModelProvider.Start((context, _) => EventStream(
            context,
            Frame("messageStart", """{"role":"assistant"}"""),
            Frame("contentBlockDelta", """{"contentBlockIndex":0,"delta":{"text":"eight by"}}"""),
            isException ? Frame("throttlingException", """{"message":"account 123 is slow"}""", "exception") : broken));
        await Offer("bedrock", bedrock, "amazon.nova-lite", "", "AKID:secret", new { });

        var (answer, id) = await Chat(isStream: true);

        var text = await answer.Content.ReadAsStringAsync();
        text.ShouldContain("eight by");
        text.ShouldContain("\"error\"");
        text.ShouldNotContain("account 123");
        (await gateway.Money.Ending(id)).ShouldSatisfyAllConditions(
            it => it.Status.ShouldBe(CallStatus.BrokenOff),
            it => it.Usage.IsEstimated.ShouldBeTrue(),
            it => it.Usage.OutputTokens.ShouldBe(2));
    }

    [Theory]
    [InlineData("openrouter", 420.0)]
    [InlineData("openai_compatible", null)]
    public async Task OpenRouter_says_with_the_usage_what_a_call_cost_and_only_it_is_believed(string kind, double? micros)
    {
        var costly = Completion.Replace("\"total_tokens\":18", "\"total_tokens\":18,\"cost\":0.00042");
        var chunk = costly.ReplaceLineEndings("").Replace("chat.completion", "chat.completion.chunk").Replace("message", "delta");
        await using var router = await ScriptedModelProvider.Start((context, body) => body.Contains("\"stream\":true")
            ? ScriptedModelProvider.Stream(context, $"data: {chunk}\n\n", "data: [DONE]\n\n")
            : ScriptedModelProvider.Plain(context, costly));
        await Offer(kind, router, "openai/gpt-4o", "/api/v1", "sk-or", new { });

        var (whole, plain) = await Chat(isStream: false);
        var (stream, streamed) = await Chat(isStream: true);
        var said = await whole.Content.ReadAsStringAsync() + await stream.Content.ReadAsStringAsync();

        said.ShouldContain("\"total_tokens\":18");
        said.ShouldNotContain("\"cost\"", Case.Sensitive, "what the operator pays is no customer's to read");
        router.Seen.ShouldAllBe(one => one.Path == "/api/v1/chat/completions");
        (await gateway.Money.Ending(plain)).ToldMicros.ShouldBe((decimal?)micros);
        (await gateway.Money.Ending(streamed)).ToldMicros.ShouldBe((decimal?)micros);
    }

    [Theory]
    [InlineData("litellm", "\"fallbacks\":[\"dear\"],\"mock_testing_fallbacks\":true")]
    [InlineData("openrouter", "\"models\":[\"dear\"]")]
    [InlineData("openrouter", "\"\\u006dodels\":[\"dear\"]")]
    [InlineData("litellm", "\"api_base\":\"https://elsewhere.example\"")]
    public async Task Nobody_chooses_another_model_behind_a_gateways_back(string kind, string member)
    {
        await using var router = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(context, Completion));
        await Offer(kind, router, "openai/gpt-4o", "/api/v1", "sk-or", new { });

        using var content = new StringContent(
            $$$"""{"model":"{{{name}}}",{{{member}}},"messages":[{"role":"user","content":"Hello"}]}""",
            System.Text.Encoding.UTF8,
            "application/json");
        using var answer = await client.PostAsync("/v1/chat/completions", content);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("unsupported_by_model");
        router.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Gemini_embeds_in_its_own_words()
    {
        await using var gemini = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(
            context, """{"embeddings":[{"values":[0.5,-0.25]},{"values":[1,0]}],"usageMetadata":{"promptTokenCount":9}}"""));
        await Offer("gemini", gemini, "gemini-embedding-001", "/v1beta", "goog-key", new { });

        using var answer = await Embed(new { model = name, input = new[] { "one", "two" }, dimensions = 2 });

        var shown = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        shown["data"]!.AsArray().Count.ShouldBe(2);
        shown["data"]![1]!["embedding"]!.ToJsonString().ShouldBe("[1,0]");
        gemini.Seen.Single().Path.ShouldBe("/v1beta/models/gemini-embedding-001:batchEmbedContents");
        gemini.Seen[0].Headers["x-goog-api-key"].ShouldBe("goog-key");
        var usage = (await gateway.Money.Ending(answer.Headers.GetValues("x-request-id").Single())).Usage;
        (usage.InputTokens, usage.IsEstimated).ShouldBe((9, false));
    }

    [Fact]
    public async Task Titan_embeds_one_text_after_the_other_and_what_fails_is_said()
    {
        await using var bedrock = await ScriptedModelProvider.Start((context, body) => body.Contains("broken")
            ? ScriptedModelProvider.Plain(context, """{"message":"Malformed"}""", 400)
            : ScriptedModelProvider.Plain(context, """{"embedding":[0.5,-0.25],"inputTextTokenCount":3}"""));
        await Offer("bedrock", bedrock, "amazon.titan-embed-text-v2:0", "", "AKID:secret", new { });

        using var answer = await Embed(new { model = name, input = new[] { "one", "two" }, encoding_format = "base64" });
        using var refused = await Embed(new { model = name, input = new[] { "broken", "never asked" } });
        using var tokens = await Embed(new { model = name, input = new[] { new[] { 1, 2 } } });

        var shown = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        shown["data"]![0]!["embedding"]!.GetValue<string>().ShouldBe("AAAAPwAAgL4=");
        (shown["data"]!.AsArray().Count, (int)shown["usage"]!["total_tokens"]!).ShouldBe((2, 6));
        bedrock.Seen.Select(one => one.Path).Distinct().ShouldBe(["/model/amazon.titan-embed-text-v2:0/invoke"]);
        bedrock.Seen.Count.ShouldBe(3);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await tokens.Content.ReadAsStringAsync()).ShouldContain("unsupported_by_model");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_LiteLLM_says_what_a_call_cost(bool isStream)
    {
        await using var litellm = await ScriptedModelProvider.Start((context, _) =>
        {
            context.Response.Headers["x-litellm-response-cost"] = "4.2e-05";
            return isStream
                ? ScriptedModelProvider.Stream(
                    context, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n", "data: [DONE]\n\n")
                : ScriptedModelProvider.Plain(context, Completion);
        });
        await Offer("litellm", litellm, "gpt-4o", "/v1", "sk-litellm", new { });

        var (answer, id) = await Chat(isStream);
        await answer.Content.ReadAsStringAsync();

        litellm.Seen.Single().Headers["Authorization"].ShouldBe("Bearer sk-litellm");
        (await gateway.Money.Ending(id)).ToldMicros.ShouldBe(42m);
    }

    [Fact]
    public async Task Gemini_answers_in_its_own_words_plain_and_streamed()
    {
        const string plain = """
            {"candidates":[{"content":{"role":"model","parts":[{"text":"fine"}]},"finishReason":"STOP"}],
            "usageMetadata":{"promptTokenCount":11,"candidatesTokenCount":5,"thoughtsTokenCount":2,"cachedContentTokenCount":4},
            "modelVersion":"gemini-2.5-flash","responseId":"r1"}
            """;
        await using var gemini = await ScriptedModelProvider.Start((context, _) => context.Request.Query.ContainsKey("alt")
            ? ScriptedModelProvider.Stream(context, $"data: {plain.ReplaceLineEndings("")}\r\n\r\n")
            : ScriptedModelProvider.Plain(context, plain));
        await Offer("gemini", gemini, "gemini-2.5-flash", "/v1beta", "goog-key", new { });

        var (answer, id) = await Chat(isStream: false);
        var (streamed, second) = await Chat(isStream: true);

        (await answer.Content.ReadFromJsonAsync<JsonObject>())!["choices"]![0]!["message"]!["content"]!.GetValue<string>().ShouldBe("fine");
        (await streamed.Content.ReadAsStringAsync()).ShouldContain("[DONE]");
        gemini.Seen.Select(one => one.Path).ShouldBe(
        [
            "/v1beta/models/gemini-2.5-flash:generateContent", "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
        ]);
        gemini.Seen[0].Headers["x-goog-api-key"].ShouldBe("goog-key");
        foreach (var call in new[] { id, second })
        {
            var usage = (await gateway.Money.Ending(call)).Usage;
            (usage.InputTokens, usage.CachedReadTokens, usage.OutputTokens, usage.ReasoningTokens).ShouldBe((7, 4, 7, 2));
        }
    }

    private static string SignedAgain(SeenRequest seen)
    {
        string[] signed = ["content-type", "host", "x-amz-date", "x-amz-security-token"];
        var at = DateTimeOffset.ParseExact(
            seen.Headers["x-amz-date"], "yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal);
        return AwsSignature.Authorization(
            new AwsRequest(
                "POST",
                seen.Path.Replace(":", "%3A", StringComparison.Ordinal),
                [],
                [.. signed.Select(one => (one, seen.Headers[one]))],
                AwsSignature.Hash(Encoding.UTF8.GetBytes(seen.Body))),
            new AwsCredentials("AKID", "secret", "session"),
            "eu-central-1",
            "bedrock",
            at);
    }

    private static async Task EventStream(HttpContext context, params byte[][] frames)
    {
        context.Response.ContentType = "application/vnd.amazon.eventstream";
        foreach (var frame in frames)
        {
            await context.Response.Body.WriteAsync(frame);
            await context.Response.Body.FlushAsync();
        }
    }

    // Smithy, "Amazon Event Stream Specification": lengths, their checksum, headers, payload, the checksum of all.
    private static byte[] Frame(string type, string payload, string messageType = "event")
    {
        using var headers = new MemoryStream();
        Header(":message-type", messageType);
        Header(messageType == "event" ? ":event-type" : ":exception-type", type);
        var frame = new byte[12 + headers.Length + Encoding.UTF8.GetByteCount(payload) + 4];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)frame.Length);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), (uint)headers.Length);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(8), AwsEventStream.Crc32(frame.AsSpan(0, 8)));
        headers.ToArray().CopyTo(frame, 12);
        Encoding.UTF8.GetBytes(payload, frame.AsSpan(12 + (int)headers.Length));
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(frame.Length - 4), AwsEventStream.Crc32(frame.AsSpan(0, frame.Length - 4)));
        return frame;

        void Header(string name, string value)
        {
            headers.WriteByte((byte)name.Length);
            headers.Write(Encoding.UTF8.GetBytes(name));
            headers.Write([7, 0, (byte)value.Length]);
            headers.Write(Encoding.UTF8.GetBytes(value));
        }
    }

    private async Task Offer(
        string kind, ScriptedModelProvider provider, string model, string path, string credential, object more)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToNode(more)!.AsObject();
        body["kind"] = kind;
        body["base_url"] = provider.Address.ToString().TrimEnd('/') + path;
        body["credential"] = credential;
        body["reason"] = "test";
        using var answer = await desk.PutAsJsonAsync($"/v1/inference/providers/{name}", body);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        await Gateway.AddModel(desk, name, (name, model));
    }

    private Task<HttpResponseMessage> Embed(object body) => client.PostAsJsonAsync("/v1/embeddings", body);

    private async Task<(HttpResponseMessage Answer, string Id)> Chat(bool isStream)
    {
        var answer = await client.PostAsJsonAsync("/v1/chat/completions", new
        {
            model = name,
            stream = isStream,
            messages = new[] { new { role = "user", content = "Hello" } },
        });
        return (answer, answer.Headers.GetValues("x-request-id").Single());
    }
}
