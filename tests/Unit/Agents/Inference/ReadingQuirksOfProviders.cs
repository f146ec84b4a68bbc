using System.Text;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// What those who speak OpenAI's chat completions do in ways of their own. Sources: Azure's "Content filtering" (the first
/// chunk), OpenRouter's "Errors and debugging" and "Usage accounting", vLLM's and Ollama's "OpenAI compatibility".
/// </summary>
public sealed class ReadingQuirksOfProviders
{
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

    private static StreamMeter Metered(string data)
    {
        var meter = new StreamMeter(Protocol.OpenAiChat);
        var bytes = Encoding.UTF8.GetBytes(data.Trim());
        meter.Observe(new SseEvent(bytes, default, bytes));
        return meter;
    }
}
