using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// Bedrock's Converse. The shapes are those of the "Amazon Bedrock API Reference": Converse, ConverseStream, and of the
/// examples of its user guide.
/// </summary>
public sealed class TranslatingForConverse
{
    private const string Stream = """
        event: messageStart
        data: {"role":"assistant"}

        event: contentBlockDelta
        data: {"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Hm."}}}

        event: contentBlockDelta
        data: {"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"sig"}}}

        event: contentBlockStop
        data: {"contentBlockIndex":0}

        event: contentBlockDelta
        data: {"contentBlockIndex":1,"delta":{"text":"Okay"}}

        event: contentBlockStop
        data: {"contentBlockIndex":1}

        event: contentBlockStart
        data: {"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"tooluse_1","name":"weather"}}}

        event: contentBlockDelta
        data: {"contentBlockIndex":2,"delta":{"toolUse":{"input":"{\"city\":\"Rome\"}"}}}

        event: contentBlockStop
        data: {"contentBlockIndex":2}

        event: messageStop
        data: {"stopReason":"tool_use"}

        event: metadata
        data: {"usage":{"inputTokens":20,"outputTokens":15,"totalTokens":42,"cacheReadInputTokens":5,"cacheWriteInputTokens":2},"metrics":{"latencyMs":9}}


        """;

    [Fact]
    public void A_message_becomes_a_request()
    {
        var said = Translated.Request(Protocol.AnthropicMessages, Protocol.BedrockConverse, """
            {"model":"m","max_tokens":50,"temperature":0.5,"stop_sequences":["END"],"system":"Be brief.",
             "tools":[{"name":"weather","input_schema":"#weather"}],"tool_choice":{"type":"tool","name":"weather"},
             "messages":[
              {"role":"user","content":[{"type":"text","text":"Look"},
               {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},
              {"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"sig"},
               {"type":"tool_use","id":"t1","name":"weather","input":{"city":"Rome"}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"sunny"}]}]}
            """);

        said.ShouldSay("""
            {"system":[{"text":"Be brief."}],
             "messages":[
              {"role":"user","content":[{"text":"Look"},{"image":{"format":"png","source":{"bytes":"AAAA"}}}]},
              {"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"Hm.","signature":"sig"}}},
               {"toolUse":{"toolUseId":"t1","name":"weather","input":{"city":"Rome"}}}]},
              {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"sunny"}],"status":"success"}}]}],
             "inferenceConfig":{"maxTokens":50,"temperature":0.5,"stopSequences":["END"]},
             "toolConfig":{"tools":[{"toolSpec":{"name":"weather","description":"weather","inputSchema":{"json":"#weather"}}}],
              "toolChoice":{"tool":{"name":"weather"}}}}
            """);
    }

    [Fact]
    public void An_answer_becomes_a_message()
    {
        var said = Translated.Answer(Protocol.BedrockConverse, Protocol.AnthropicMessages, """
            {"output":{"message":{"role":"assistant","content":[{"text":"Let me see."},
              {"toolUse":{"toolUseId":"tooluse_1","name":"weather","input":{"city":"Rome"}}}]}},
             "stopReason":"tool_use","usage":{"inputTokens":20,"outputTokens":15,"totalTokens":35,"cacheReadInputTokens":5},
             "metrics":{"latencyMs":9}}
            """);

        said["content"].ShouldSay("""
            [{"type":"text","text":"Let me see.","citations":null},
             {"type":"tool_use","id":"tooluse_1","name":"weather","input":{"city":"Rome"}}]
            """);
        said["stop_reason"]!.GetValue<string>().ShouldBe("tool_use");
        said["usage"]!["input_tokens"]!.GetValue<int>().ShouldBe(20);
        said["usage"]!["cache_read_input_tokens"]!.GetValue<int>().ShouldBe(5);
    }

    [Fact]
    public void An_answer_without_a_name_has_the_calls_id_and_the_model_that_was_asked_for()
    {
        const string answer = """{"output":{"message":{"role":"assistant","content":[{"text":"Hi"}]}},"stopReason":"end_turn"}""";

        var first = Translated.Answer(Protocol.BedrockConverse, Protocol.OpenAiResponses, answer, id: "req_1");
        var second = Translated.Answer(Protocol.BedrockConverse, Protocol.OpenAiResponses, answer, id: "req_2");

        ((string)first["id"]!, (string)first["model"]!).ShouldBe(("req_1", "asked"));
        ((string)second["id"]!, (string)second["output"]![0]!["id"]!).ShouldBe(("req_2", "msg_req_2_0"));
    }

    [Fact]
    public void A_stream_without_a_name_has_the_calls_id_and_the_model_that_was_asked_for()
    {
        var start = Translated.Stream(Protocol.BedrockConverse, Protocol.AnthropicMessages, Stream)[0].Data!["message"]!;

        ((string)start["id"]!, (string)start["model"]!).ShouldBe(("req_1", "asked"));
    }

    [Fact]
    public void A_stream_becomes_chunks_with_its_usage()
    {
        var events = Translated.Stream(
            Protocol.BedrockConverse, Protocol.OpenAiChat, Stream, """{"stream_options":{"include_usage":true}}""");

        events[^1].Data!.ToString().ShouldBe("[DONE]");
        var deltas = events.SkipLast(1).SelectMany(one => one.Data!["choices"]!.AsArray()).Select(one => one!["delta"]!).ToList();
        string.Concat(deltas.Select(delta => (string?)delta["content"])).ShouldBe("Okay");
        string.Concat(deltas.Select(delta => (string?)delta["tool_calls"]?[0]!["function"]!["arguments"])).ShouldBe("{\"city\":\"Rome\"}");
        events[^2].Data!["usage"]!.ShouldSatisfyAllConditions(
            it => it["prompt_tokens"]!.GetValue<int>().ShouldBe(27),
            it => it["completion_tokens"]!.GetValue<int>().ShouldBe(15),
            it => it["prompt_tokens_details"]!["cached_tokens"]!.GetValue<int>().ShouldBe(5));
    }
}
