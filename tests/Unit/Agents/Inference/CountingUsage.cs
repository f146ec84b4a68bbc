using System.Text;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// Fixtures are the examples of the vendors' API references ("Usage", "Prompt caching", "Reasoning models") or written from
/// the <c>Usage</c> types of the npm packages <c>openai</c> 6.49 and <c>@anthropic-ai/sdk</c> 1.12.
/// </summary>
public sealed class CountingUsage
{
    [Fact]
    public void Takes_cached_input_out_of_openais_prompt()
    {
        var usage = Plain(Protocol.OpenAiChat, """
            {"id":"chatcmpl-1","choices":[{"message":{"content":"\"usage\":{\"prompt_tokens\":9}"}}],
             "usage":{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,
              "prompt_tokens_details":{"cached_tokens":1920,"audio_tokens":0},
              "completion_tokens_details":{"reasoning_tokens":64,"audio_tokens":0,"accepted_prediction_tokens":0}}}
            """);

        usage.ShouldBe(new ModelUsage
        {
            InputTokens = 86,
            CachedReadTokens = 1920,
            OutputTokens = 300,
            ReasoningTokens = 64,
            Requests = 1,
        });
    }

    [Fact]
    public void Takes_audio_out_of_text()
    {
        var usage = Plain(Protocol.OpenAiChat, """
            {"usage":{"prompt_tokens":100,"completion_tokens":90,
             "prompt_tokens_details":{"cached_tokens":10,"audio_tokens":40},"completion_tokens_details":{"audio_tokens":70}}}
            """);

        usage.ShouldBe(new ModelUsage
        {
            InputTokens = 50,
            CachedReadTokens = 10,
            AudioInputTokens = 40,
            OutputTokens = 20,
            AudioOutputTokens = 70,
            Requests = 1,
        });
    }

    // xAI's "Reasoning" guide: the total is the sum of all three.
    [Fact]
    public void Counts_reasoning_that_is_told_beside_the_output()
    {
        var usage = Plain(Protocol.OpenAiChat, """
            {"usage":{"prompt_tokens":2321,"completion_tokens":725,"total_tokens":3863,
             "completion_tokens_details":{"reasoning_tokens":817}}}
            """);

        usage.ShouldBe(new ModelUsage { InputTokens = 2321, OutputTokens = 1542, ReasoningTokens = 817, Requests = 1 });
    }

    [Theory]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":5,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}""")]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":5,"cached_tokens":64}""")]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":5,"cached_prompt_text_tokens":64}""")]
    [InlineData("""{"prompt_tokens":100.0,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":64}}""")]
    public void Knows_the_names_that_vendors_had_of_their_own(string usage)
    {
        Plain(Protocol.OpenAiChat, $$"""{"usage":{{usage}}}""").ShouldBe(
            new ModelUsage { InputTokens = 36, CachedReadTokens = 64, OutputTokens = 5, Requests = 1 });
    }

    [Fact]
    public void Reads_responses_in_an_event_and_in_an_answer()
    {
        const string response = """
            {"id":"resp_1","object":"response","output":[{"type":"message"}],"usage":{"input_tokens":328,
             "input_tokens_details":{"cached_tokens":128},"output_tokens":52,"output_tokens_details":{"reasoning_tokens":12},"total_tokens":380}}
            """;
        var expected = new ModelUsage
        {
            InputTokens = 200,
            CachedReadTokens = 128,
            OutputTokens = 52,
            ReasoningTokens = 12,
            Requests = 1,
        };

        Plain(Protocol.OpenAiResponses, response).ShouldBe(expected);
        Plain(Protocol.OpenAiResponses, $$"""{"type":"response.completed","response":{{response}}}""").ShouldBe(expected);
    }

    [Fact]
    public void Adds_anthropics_caches_to_its_input_and_splits_what_is_written()
    {
        var usage = Plain(Protocol.AnthropicMessages, """
            {"type":"message","content":[],"usage":{"input_tokens":2048,"cache_read_input_tokens":1800,
             "cache_creation_input_tokens":248,"output_tokens":503,
             "cache_creation":{"ephemeral_5m_input_tokens":148,"ephemeral_1h_input_tokens":100}}}
            """);

        usage.ShouldBe(new ModelUsage
        {
            InputTokens = 2048,
            CachedReadTokens = 1800,
            CachedWriteTokens = 148,
            CachedWriteHourTokens = 100,
            OutputTokens = 503,
            Requests = 1,
        });
        usage!.Value.AllInputTokens.ShouldBe(2048 + 1800 + 248);
    }

    [Fact]
    public void Goes_on_with_what_anthropics_stream_told_at_its_start()
    {
        var start = Plain(Protocol.AnthropicMessages, """
            {"type":"message_start","message":{"usage":{"input_tokens":25,"cache_creation_input_tokens":10,
             "cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":10},"cache_read_input_tokens":0,"output_tokens":1}}}
            """)!.Value;

        var end = UsageRules.Find(
            Protocol.AnthropicMessages,
            """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15,"cache_creation":null}}"""u8,
            start);

        end.ShouldBe(start with { OutputTokens = 15 });
    }

    [Theory]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":[],"usage":null}""")]
    public void Says_when_nothing_is_told(string answer)
    {
        Plain(Protocol.OpenAiChat, answer).ShouldBeNull();
    }

    [Fact]
    public void Becomes_quantities_that_share_no_token()
    {
        var usage = new ModelUsage
        {
            InputTokens = 1,
            CachedReadTokens = 2,
            CachedWriteTokens = 3,
            CachedWriteHourTokens = 4,
            OutputTokens = 5,
            Requests = 1,
        };

        var parts = usage.Parts("anthropic", "claude");

        parts.Select(part => (part.Meter, part.Quantity, part.Dimensions.GetValueOrDefault("cache_ttl"))).ShouldBe(
        [
            ("llm.input_tokens", 1m, null), ("llm.output_tokens", 5m, null), ("llm.cached_read_tokens", 2m, null),
            ("llm.cached_write_tokens", 3m, null), ("llm.requests", 1m, null), ("llm.cached_write_tokens", 4m, "1h"),
        ]);
        parts.ShouldAllBe(part => part.Dimensions["provider"] == "anthropic" && part.Dimensions["model"] == "claude");
    }

    [Fact]
    public void Is_estimated_from_bytes_but_never_above_the_bound()
    {
        Estimate.Of(null, 401, 40, 7).ShouldBe(
            new ModelUsage { InputTokens = 101, OutputTokens = 7, Requests = 1, IsEstimated = true });
    }

    [Fact]
    public void Of_a_stream_that_broke_off_is_what_was_told_and_what_was_delivered()
    {
        var meter = new StreamMeter(Protocol.AnthropicMessages);

        Observe(meter, """{"type":"message_start","message":{"usage":{"input_tokens":25,"output_tokens":1}}}""");
        Observe(meter, """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"twelve bytes"}}""");

        meter.Used(1_000, 100).ShouldBe(
            new ModelUsage { InputTokens = 25, OutputTokens = 3, Requests = 1, IsEstimated = true });
    }

    [Fact]
    public void Knows_events_that_only_tell_usage()
    {
        var meter = new StreamMeter(Protocol.OpenAiChat);

        Observe(meter, """{"choices":[{"index":0,"delta":{"content":"\"usage\""}}],"usage":null}""").ShouldBeFalse();
        Observe(meter, """{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}""").ShouldBeTrue();
        Observe(meter, "[DONE]").ShouldBeFalse();

        meter.IsComplete.ShouldBeTrue();
        meter.Used(0, null).OutputTokens.ShouldBe(2);
    }

    private static ModelUsage? Plain(Protocol protocol, string answer) => UsageRules.Find(protocol, Encoding.UTF8.GetBytes(answer));

    private static bool Observe(StreamMeter meter, string data) =>
        meter.Observe(new SseEvent(default, default, Encoding.UTF8.GetBytes(data)));
}
