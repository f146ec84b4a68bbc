using System.Text;
using System.Text.Json.Nodes;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// What those who speak OpenAI's chat completions do in ways of their own. Sources: Azure's "Content filtering" (the first
/// chunk), OpenRouter's "Errors and debugging" and "Usage accounting", vLLM's and Ollama's "OpenAI compatibility", Gemini's
/// "OpenAI compatibility", Mistral's "Reasoning".
/// </summary>
public sealed class ReadingQuirksOfProviders
{
    private const string Listed =
        """[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}],"closed":true},{"type":"text","text":"Hi"}]""";

    [Fact]
    public void Azure_tells_of_its_filters_before_the_answer()
    {
        const string stream = """
            data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}

            data: {"id":"chatcmpl-1","model":"gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]}

            data: {"id":"chatcmpl-1","model":"gpt-4o","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

            data: [DONE]


            """;

        var events = Translated.Stream(Protocol.OpenAiChat, Protocol.AnthropicMessages, stream);

        events[0].Data!["message"]!["id"]!.GetValue<string>().ShouldBe("chatcmpl-1");
        events[0].Data!["message"]!["model"]!.GetValue<string>().ShouldBe("gpt-4o");
    }

    [Fact]
    public void OpenRouter_puts_an_error_behind_other_members_of_a_chunk()
    {
        var meter = Metered("""
            {"id":"gen-1","provider":"x","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}],"error":{"code":502,"message":"Provider disconnected"}}
            """);

        meter.HasFailed.ShouldBeTrue();
    }

    [Fact]
    public void An_error_that_is_null_is_none() =>
        Metered("""{"id":"1","error":null,"choices":[{"delta":{"content":"the \"error\" is mine"}}]}""").HasFailed.ShouldBeFalse();

    [Fact]
    public void OpenRouter_tells_a_cost_beside_the_tokens_and_the_tokens_are_read()
    {
        var usage = UsageRules.Find(Protocol.OpenAiChat, """
            {"id":"gen-1","choices":[{"message":{"content":"x","reasoning":"y"}}],"usage":{"prompt_tokens":194,"completion_tokens":2,
             "completion_tokens_details":{"reasoning_tokens":1},"prompt_tokens_details":{"cached_tokens":90,"audio_tokens":0},
             "cost":0.00095,"cost_details":{"upstream_inference_cost":19},"total_tokens":196}}
            """u8)!.Value;

        (usage.InputTokens, usage.CachedReadTokens, usage.OutputTokens, usage.ReasoningTokens).ShouldBe((104, 90, 2, 1));
    }

    [Fact]
    public void Usage_that_nobody_tells_is_estimated_from_what_was_delivered()
    {
        var meter = Metered("""{"id":"1","choices":[{"delta":{"content":"twelve bytes","reasoning":"four"}}]}""");

        meter.Used(inputBytes: 40, outputTokensMax: null).ShouldSatisfyAllConditions(
            it => it.InputTokens.ShouldBe(10),
            it => it.OutputTokens.ShouldBe(4),
            it => it.IsEstimated.ShouldBeTrue());
    }

    [Fact]
    public void Gemini_gives_calls_made_at_once_the_same_index()
    {
        Calls("""
            {"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}},
            {"index":0,"id":"b","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}
            """).ShouldBe([("a", """{"city":"Rome"}"""), ("b", """{"city":"Oslo"}""")]);
    }

    [Fact]
    public void Calls_without_an_index_are_told_apart_by_their_ids()
    {
        Calls("""
            {"id":"a","function":{"name":"weather","arguments":"{\"city\":"}},{"function":{"arguments":"\"Rome\"}"}},
            {"id":"b","function":{"name":"time","arguments":"{}"}}
            """).ShouldBe([("a", """{"city":"Rome"}"""), ("b", "{}")]);
    }

    [Fact]
    public void An_id_that_is_repeated_begins_no_other_call()
    {
        Calls("""
            {"index":0,"id":"a","function":{"name":"weather","arguments":"{\"city\":"}},
            {"index":0,"id":"a","function":{"name":"weather","arguments":"\"Rome\"}"}}
            """).ShouldBe([("a", """{"city":"Rome"}""")]);
    }

    [Fact]
    public void Mistral_streams_thoughts_in_a_list()
    {
        var stream = Chunk("{\"content\":" + Listed + "}") + Chunk("""{"content":" there"}""") + "data: [DONE]\n\n";

        var chunks = Translated.Stream(Protocol.OpenAiChat, Protocol.AnthropicMessages, stream).Select(one => one.Data!["delta"]).ToList();

        string.Concat(chunks.Select(delta => delta?["thinking"])).ShouldBe("Hm.");
        string.Concat(chunks.Select(delta => delta?["text"])).ShouldBe("Hi there");
    }

    [Fact]
    public void Mistral_answers_thoughts_in_a_list()
    {
        var answer = "{\"id\":\"1\",\"choices\":[{\"message\":{\"content\":" + Listed + "},\"finish_reason\":\"stop\"}]}";

        Translated.Answer(Protocol.OpenAiChat, Protocol.AnthropicMessages, answer)["content"].ShouldSay("""
            [{"type":"thinking","thinking":"Hm.","signature":"thinking"},{"type":"text","text":"Hi","citations":null}]
            """);
    }

    [Theory]
    [InlineData("delta")]
    [InlineData("message")]
    public void Text_in_a_list_is_counted_once(string member)
    {
        var answer = "{\"id\":\"1\",\"choices\":[{\"" + member + "\":{\"content\":" + Listed + "}}]}";

        Metered(answer).DeliveredBytes.ShouldBe("Hm.Hi".Length);
        StreamMeter.TextBytes(Encoding.UTF8.GetBytes(answer)).ShouldBe("Hm.Hi".Length);
    }

    // Each piece of a call comes in a chunk of its own.
    private static List<(string Id, string Arguments)> Calls(string pieces)
    {
        var stream = string.Concat(JsonNode.Parse($"[{pieces}]")!.AsArray()
            .Select(piece => Chunk("{\"tool_calls\":[" + piece!.ToJsonString() + "]}")));
        var response = Translated.Stream(Protocol.OpenAiChat, Protocol.OpenAiResponses, stream + "data: [DONE]\n\n")[^1].Data!["response"]!;
        return [.. response["output"]!.AsArray()
            .Select(call => (call!["call_id"]!.GetValue<string>(), call["arguments"]!.GetValue<string>()))];
    }

    private static string Chunk(string delta) =>
        "data: {\"id\":\"1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":" + delta + "}]}\n\n";

    private static StreamMeter Metered(string data)
    {
        var meter = new StreamMeter(Protocol.OpenAiChat);
        var bytes = Encoding.UTF8.GetBytes(data.Trim());
        meter.Observe(new SseEvent(bytes, default, bytes));
        return meter;
    }
}
