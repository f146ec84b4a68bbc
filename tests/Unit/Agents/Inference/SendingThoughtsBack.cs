using System.Text.Json.Nodes;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// Models that think between calls of tools want their thoughts back with the next request. Sources: DeepSeek's "Thinking
/// mode" and Kimi's "Thinking models" (<c>reasoning_content</c>), Groq's and Cerebras' "Reasoning" (<c>reasoning</c>).
/// </summary>
public sealed class SendingThoughtsBack
{
    private const string Thought = """
        {"max_tokens":50,"messages":[{"role":"user","content":"Look"},{"role":"assistant","content":[
          {"type":"thinking","thinking":"Hm.","signature":"#"},{"type":"tool_use","id":"t1","name":"weather","input":{}}]}]}
        """;

    private const string Item = """{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm."}]}""";

    [Fact]
    public void Thoughts_that_nobody_proves_go_back_with_the_calls_they_led_to()
    {
        Assistant(Thought.Replace("#", "", StringComparison.Ordinal)).ShouldSay("""
            {"role":"assistant","content":null,"reasoning_content":"Hm.",
             "tool_calls":[{"id":"t1","type":"function","function":{"name":"weather","arguments":"{}"}}]}
            """);
    }

    [Fact]
    public void Thoughts_go_back_by_the_name_they_came_by()
    {
        var said = Assistant(Thought.Replace("#", "reasoning", StringComparison.Ordinal));

        said["reasoning"]!.GetValue<string>().ShouldBe("Hm.");
        said["reasoning_content"].ShouldBeNull();
    }

    [Fact]
    public void Thoughts_that_a_vendor_proves_are_kept_from_others()
    {
        Assistant(Thought.Replace("#", "proof", StringComparison.Ordinal))["reasoning_content"].ShouldBeNull();
    }

    [Fact]
    public void OpenAi_itself_gets_no_thoughts()
    {
        Assistant(Thought.Replace("#", "", StringComparison.Ordinal), isOpenAi: true)["reasoning_content"].ShouldBeNull();
    }

    [Fact]
    public void Thoughts_of_a_response_go_back_with_the_calls_they_led_to()
    {
        var said = Translated.Request(Protocol.OpenAiResponses, Protocol.OpenAiChat, $$"""
            {"input":[{"role":"user","content":"Look"},{{Item}},
              {"type":"function_call","call_id":"t1","name":"weather","arguments":"{}"}]}
            """);

        said["messages"]![1]!["reasoning_content"]!.GetValue<string>().ShouldBe("Hm.");
    }

    [Fact]
    public void A_turn_of_nothing_but_thoughts_of_others_is_not_sent_to_a_vendor_who_wants_proofs()
    {
        var said = Translated.Request(Protocol.OpenAiResponses, Protocol.AnthropicMessages, $$"""
            {"input":[{"role":"user","content":"Look"},{{Item}},{"role":"user","content":"Well?"}]}
            """);

        said["messages"].ShouldSay("""[{"role":"user","content":[{"type":"text","text":"Look"},{"type":"text","text":"Well?"}]}]""");
    }

    [Fact]
    public void The_name_stands_in_the_place_of_a_proof_in_a_message()
    {
        var events = Translated.Stream(Protocol.OpenAiChat, Protocol.AnthropicMessages, Stream);

        events.Select(one => one.Data!["delta"]?["signature"]?.GetValue<string>()).Where(mark => mark is not null)
            .ShouldBe(["reasoning"]);
        events.Count(one => one.Name == "content_block_start").ShouldBe(2);
    }

    [Fact]
    public void The_name_stands_in_the_place_of_sealed_content_in_a_response()
    {
        var events = Translated.Stream(Protocol.OpenAiChat, Protocol.OpenAiResponses, Stream);

        events[^1].Data!["response"]!["output"]![0]!["encrypted_content"]!.GetValue<string>().ShouldBe("reasoning");
    }

    private const string Stream = """
        data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"reasoning":"Hm"}}]}

        data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"reasoning":"."}}]}

        data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"Okay"}}]}

        data: {"id":"1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

        data: [DONE]


        """;

    private static JsonNode Assistant(string body, bool isOpenAi = false) =>
        Translated.Request(Protocol.AnthropicMessages, Protocol.OpenAiChat, body, isOpenAi)["messages"]![1]!;
}
