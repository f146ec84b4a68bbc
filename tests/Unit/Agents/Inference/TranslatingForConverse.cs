using System.Text.Json;
using System.Text.Json.Nodes;
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
    public void A_schema_of_the_answer_is_sent_as_text()
    {
        var said = Asked("""
            {"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema",
             "json_schema":{"name":"w","description":"The weather.","strict":true,"schema":{"type":"object"}}}}
            """);

        said["outputConfig"].ShouldSay("""
            {"textFormat":{"type":"json_schema","structure":{"jsonSchema":{
              "name":"w","description":"The weather.","schema":"{\"type\":\"object\"}"}}}}
            """);
    }

    [Fact]
    public void A_schema_of_a_response_brings_its_description()
    {
        var said = Translated.Request(Protocol.OpenAiResponses, Protocol.BedrockConverse, """
            {"input":"x","text":{"format":{"type":"json_schema","name":"w","description":"The weather.","schema":{"type":"object"}}}}
            """);

        var schema = said["outputConfig"]!["textFormat"]!["structure"]!["jsonSchema"]!;
        ((string)schema["name"]!, (string)schema["description"]!).ShouldBe(("w", "The weather."));
    }

    [Fact]
    public void Any_json_is_asked_for_in_words()
    {
        var said = Asked("""
            {"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}
            """);

        said["system"].ShouldSay("""[{"text":"Be brief."},{"text":"Answer with one JSON object and nothing else."}]""");
        said["outputConfig"].ShouldBeNull();
    }

    [Theory]
    [InlineData("report.pdf", "report pdf")]
    [InlineData("Übersicht_2025  (final) [2].pdf", "bersicht 2025 (final) [2] pdf")]
    [InlineData("", "document")]
    [InlineData("…", "document")]
    [InlineData(null, "document")]
    public void A_documents_name_has_only_letters_that_are_allowed(string? name, string expected)
    {
        NamesOf(name).ShouldBe([expected]);
    }

    [Fact]
    public void No_two_documents_have_the_same_name()
    {
        NamesOf("a.pdf", "a_pdf", "a pdf (2)", null, "").ShouldBe(["a pdf", "a pdf (2)", "a pdf (2) (2)", "document", "document (2)"]);
    }

    [Fact]
    public void No_documents_name_is_longer_than_allowed()
    {
        var name = new string('a', 300);

        NamesOf(name, name).ShouldBe([new string('a', 200), new string('a', 196) + " (2)"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(""","tool_choice":"none","tools":[{"type":"function","function":{"name":"time","parameters":"#weather"}}]""")]
    public void Tools_that_were_called_are_named_where_none_may_be_called(string tools)
    {
        var said = Asked("""
            {"messages":[{"role":"user","content":"x"},
              {"role":"assistant","tool_calls":[
                {"id":"call_1","type":"function","function":{"name":"weather","arguments":"{}"}},
                {"id":"call_2","type":"function","function":{"name":"weather","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"call_1","content":"sunny"},
              {"role":"tool","tool_call_id":"call_2","content":"sunny"}]
            """ + tools + "}");

        said["toolConfig"].ShouldSay("""
            {"tools":[{"toolSpec":{"name":"weather","description":"weather","inputSchema":{"json":{"type":"object","properties":{}}}}}]}
            """);
    }

    [Fact]
    public void No_tools_are_named_where_none_may_be_called_and_none_was()
    {
        var said = Asked("""
            {"messages":[{"role":"user","content":"x"}],"tool_choice":"none",
             "tools":[{"type":"function","function":{"name":"time","parameters":"#weather"}}]}
            """);

        said["toolConfig"].ShouldBeNull();
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

    private static JsonNode Asked(string body) => Translated.Request(Protocol.OpenAiChat, Protocol.BedrockConverse, body);

    private static List<string> NamesOf(params string?[] names)
    {
        var content = names.Select(name => new
        {
            type = "file",
            file = new { filename = name, file_data = "data:application/pdf;base64,AAAA" },
        });
        var said = Asked(JsonSerializer.Serialize(new { messages = new[] { new { role = "user", content } } }));
        return [.. said["messages"]![0]!["content"]!.AsArray().Select(part => (string)part!["document"]!["name"]!)];
    }
}
