using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// Answers in one vendor's words, said in another's. The streams are those of the vendors' documentation: Anthropic's
/// "Streaming messages" (tool use, thinking), OpenAI's "Streaming" of chat completions and responses.
/// </summary>
public sealed class TranslatingAnswers
{
    private const string Message = """
        {"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[
          {"type":"thinking","thinking":"Hm.","signature":"sig"},{"type":"text","text":"Let me see."},
          {"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Rome"}}],
         "stop_reason":"tool_use","stop_sequence":null,
         "usage":{"input_tokens":10,"cache_read_input_tokens":5,"cache_creation_input_tokens":3,"output_tokens":20}}
        """;

    private const string Completion = """
        {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt","choices":[{"index":0,"message":{"role":"assistant",
          "content":"Let me see.","reasoning_content":"Hm.","tool_calls":[
            {"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]},
          "logprobs":null,"finish_reason":"tool_calls"}],
         "usage":{"prompt_tokens":18,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":5}}}
        """;

    private const string MessageStream = """
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"usage":{"input_tokens":25,"output_tokens":1}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: ping
        data: {"type": "ping"}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Okay"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: content_block_start
        data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"city\":"}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":" \"Rome\"}"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":1}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":15}}

        event: message_stop
        data: {"type":"message_stop"}


        """;

    private const string ChatStream = """
        data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"Okay"},"finish_reason":null}],"usage":null}

        data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}]},"finish_reason":null}]}

        data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"finish_reason":null}]}

        data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Rome\"}"}}]},"finish_reason":null}]}

        data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

        data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":25,"completion_tokens":15,"prompt_tokens_details":{"cached_tokens":5}}}

        data: [DONE]


        """;

    [Fact]
    public void A_message_becomes_a_completion()
    {
        Translated.Answer(Protocol.AnthropicMessages, Protocol.OpenAiChat, Message).ShouldSay("""
            {"id":"msg_1","object":"chat.completion","created":1700000000,"model":"claude","choices":[{"index":0,"message":{
              "role":"assistant","content":"Let me see.","refusal":null,"reasoning_content":"Hm.","tool_calls":[
                {"id":"toolu_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]},
              "logprobs":null,"finish_reason":"tool_calls"}],
             "usage":{"prompt_tokens":18,"completion_tokens":20,"total_tokens":38,
              "prompt_tokens_details":{"cached_tokens":5,"audio_tokens":0,"cache_write_tokens":3},
              "completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}}}
            """);
    }

    [Fact]
    public void A_completion_becomes_a_message()
    {
        Translated.Answer(Protocol.OpenAiChat, Protocol.AnthropicMessages, Completion).ShouldSay("""
            {"id":"chatcmpl-1","type":"message","role":"assistant","model":"gpt","content":[
              {"type":"thinking","thinking":"Hm.","signature":""},{"type":"text","text":"Let me see.","citations":null},
              {"type":"tool_use","id":"call_1","name":"weather","input":{"city":"Rome"}}],
             "stop_reason":"tool_use","stop_sequence":null,
             "usage":{"input_tokens":13,"cache_creation_input_tokens":0,"cache_read_input_tokens":5,
              "cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":20}}
            """);
    }

    [Fact]
    public void A_message_becomes_a_response()
    {
        var said = Translated.Answer(Protocol.AnthropicMessages, Protocol.OpenAiResponses, Message, """{"instructions":"Be brief."}""");

        said["status"]!.GetValue<string>().ShouldBe("completed");
        said["instructions"]!.GetValue<string>().ShouldBe("Be brief.");
        said["output"].ShouldSay("""
            [{"id":"rs_msg_1_0","type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}]},
             {"id":"msg_msg_1_1","type":"message","status":"completed","role":"assistant","content":[
              {"type":"output_text","text":"Let me see.","annotations":[],"logprobs":[]}]},
             {"id":"fc_msg_1_2","type":"function_call","status":"completed","call_id":"toolu_1","name":"weather","arguments":"{\"city\":\"Rome\"}"}]
            """);
        said["usage"].ShouldSay("""
            {"input_tokens":18,"input_tokens_details":{"cached_tokens":5,"cache_write_tokens":3},"output_tokens":20,
             "output_tokens_details":{"reasoning_tokens":0},"total_tokens":38}
            """);
    }

    [Theory]
    [InlineData(Protocol.OpenAiChat, """{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}""")]
    [InlineData(Protocol.OpenAiChat, """{"id":"","model":"","choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}""")]
    [InlineData(Protocol.AnthropicMessages, """{"content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"}""")]
    public void An_answer_without_a_name_has_the_calls_id_and_the_model_that_was_asked_for(Protocol provider, string answer)
    {
        var said = Translated.Answer(provider, Protocol.OpenAiResponses, answer, id: "req_2");

        ((string)said["id"]!, (string)said["model"]!).ShouldBe(("req_2", "asked"));
    }

    [Fact]
    public void A_text_tool_gets_its_text_back()
    {
        const string request = """{"tools":[{"type":"custom","name":"weather"}]}""";
        var answer = Message.Replace("{\"city\":\"Rome\"}", "{\"input\":\"*** x\"}", StringComparison.Ordinal);

        Translated.Answer(Protocol.AnthropicMessages, Protocol.OpenAiResponses, answer, request)["output"]![2].ShouldSay("""
            {"id":"fc_msg_1_2","type":"custom_tool_call","status":"completed","call_id":"toolu_1","name":"weather","input":"*** x"}
            """);
    }

    [Fact]
    public void A_stream_of_messages_becomes_chunks()
    {
        var events = Translated.Stream(
            Protocol.AnthropicMessages, Protocol.OpenAiChat, MessageStream, """{"stream_options":{"include_usage":true}}""");

        events[^1].Data!.ToString().ShouldBe("[DONE]");
        events.SkipLast(1).SelectMany(one => one.Data!["choices"]!.AsArray()).Select(one => one!["delta"]!.ToJsonString()).ShouldBe(
        [
            """{"role":"assistant","content":""}""",
            """{"content":"Okay"}""",
            """{"tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"weather","arguments":""}}]}""",
            """{"tool_calls":[{"index":0,"function":{"arguments":"{\u0022city\u0022:"}}]}""",
            """{"tool_calls":[{"index":0,"function":{"arguments":" \u0022Rome\u0022}"}}]}""",
            "{}",
        ]);
        events[^3].Data!["choices"]![0]!["finish_reason"]!.GetValue<string>().ShouldBe("tool_calls");
        events[^2].Data!["usage"]!["total_tokens"]!.GetValue<int>().ShouldBe(40);
    }

    [Fact]
    public void A_stream_of_chunks_becomes_messages()
    {
        var events = Translated.Stream(Protocol.OpenAiChat, Protocol.AnthropicMessages, ChatStream);

        events.Select(one => one.Name).ShouldBe(
        [
            "message_start", "content_block_start", "content_block_delta", "content_block_stop", "content_block_start",
            "content_block_delta", "content_block_delta", "content_block_stop", "message_delta", "message_stop",
        ]);
        events.ShouldAllBe(one => one.Data!["type"]!.GetValue<string>() == one.Name);
        events[0].Data!["message"]!["usage"]!["input_tokens"]!.GetValue<int>().ShouldBe(42, "an estimate: the provider counts at the end");
        events[4].Data.ShouldSay("""
            {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"call_1","name":"weather","input":{}}}
            """);
        events[8].Data.ShouldSay("""
            {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},
             "usage":{"input_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":5,"output_tokens":15}}
            """);
    }

    [Theory]
    [InlineData(Protocol.AnthropicMessages, MessageStream)]
    [InlineData(Protocol.OpenAiChat, ChatStream)]
    public void A_stream_becomes_a_response_in_the_order_clients_demand(Protocol provider, string stream)
    {
        var events = Translated.Stream(provider, Protocol.OpenAiResponses, stream);

        events.Select(one => one.Name).ShouldBe(
        [
            "response.created", "response.in_progress",
            "response.output_item.added", "response.content_part.added", "response.output_text.delta",
            "response.output_text.done", "response.content_part.done", "response.output_item.done",
            "response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.delta",
            "response.function_call_arguments.done", "response.output_item.done",
            "response.completed",
        ]);
        events.Select(one => one.Data!["sequence_number"]!.GetValue<int>()).ShouldBe(Enumerable.Range(0, events.Count));
        events[^1].Data!["response"]!["output"]!.AsArray().Count.ShouldBe(2);
        events[^1].Data!["response"]!["usage"]!["total_tokens"]!.GetValue<int>().ShouldBe(40);
        events[^2].Data!["item"]!["arguments"]!.GetValue<string>().ShouldMatch("^{\"city\": ?\"Rome\"}$");
    }

    [Fact]
    public void A_stream_that_fails_half_way_says_so_in_the_clients_words()
    {
        var stream = MessageStream[..MessageStream.IndexOf("event: ping", StringComparison.Ordinal)]
            + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";

        var chunks = Translated.Stream(Protocol.AnthropicMessages, Protocol.OpenAiChat, stream);
        var response = Translated.Stream(Protocol.AnthropicMessages, Protocol.OpenAiResponses, stream);

        chunks[^1].Data!["error"]!["message"]!.GetValue<string>().ShouldBe("Overloaded");
        response[^1].Name.ShouldBe("response.failed");
        response[^1].Data!["response"]!["error"]!["code"]!.GetValue<string>().ShouldBe("overloaded_error");
    }

    [Theory]
    [InlineData("end_turn", "stop")]
    [InlineData("max_tokens", "length")]
    [InlineData("stop_sequence", "stop")]
    [InlineData("tool_use", "tool_calls")]
    [InlineData("refusal", "content_filter")]
    [InlineData("pause_turn", "stop")]
    public void Reasons_of_messages_become_those_of_chat(string reason, string expected)
    {
        var message = Message.Replace("\"stop_reason\":\"tool_use\"", $"\"stop_reason\":\"{reason}\"", StringComparison.Ordinal);

        Translated.Answer(Protocol.AnthropicMessages, Protocol.OpenAiChat, message)["choices"]![0]!["finish_reason"]!
            .GetValue<string>().ShouldBe(expected);
    }

    [Theory]
    [InlineData("stop", "end_turn")]
    [InlineData("length", "max_tokens")]
    [InlineData("tool_calls", "tool_use")]
    [InlineData("content_filter", "refusal")]
    public void Reasons_of_chat_become_those_of_messages(string reason, string expected)
    {
        var completion = Completion.Replace(
            "\"finish_reason\":\"tool_calls\"", $"\"finish_reason\":\"{reason}\"", StringComparison.Ordinal);

        Translated.Answer(Protocol.OpenAiChat, Protocol.AnthropicMessages, completion)["stop_reason"]!
            .GetValue<string>().ShouldBe(expected);
    }
}
