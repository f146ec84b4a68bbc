using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// Requests in one vendor's words, said in another's. Written from <c>ChatCompletionCreateParams</c> and
/// <c>ResponseCreateParams</c> of the npm package <c>openai</c> 6.49, and <c>MessageCreateParams</c> of
/// <c>@anthropic-ai/sdk</c> 1.12.
/// </summary>
public sealed class TranslatingRequests
{
    [Fact]
    public void Chat_becomes_messages()
    {
        var said = Translated.Request(Protocol.OpenAiChat, Protocol.AnthropicMessages, """
            {"model":"m","messages":[
              {"role":"system","content":"Be brief."},
              {"role":"developer","content":[{"type":"text","text":"Be kind."}]},
              {"role":"user","content":[{"type":"text","text":"Look"},
                {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"high"}},
                {"type":"image_url","image_url":{"url":"https://example.com/a.png"}},
                {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,BBBB"}}]},
              {"role":"assistant","content":null,"tool_calls":[
                {"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}},
                {"id":"call_2","type":"function","function":{"name":"time","arguments":""}}]},
              {"role":"tool","tool_call_id":"call_1","content":"sunny"},
              {"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"noon"}]},
              {"role":"user","content":"And now?"}],
             "max_completion_tokens":99,"temperature":1.5,"top_p":0.9,"stop":["END"," "],"stream":true,"user":"u1",
             "stream_options":{"include_usage":true},"seed":7,"logit_bias":{},
             "tools":[{"type":"function","function":{"name":"weather","description":"d","parameters":"#weather","strict":true}}],
             "tool_choice":"required","parallel_tool_calls":false}
            """);

        said.ShouldSay("""
            {"model":"m2","max_tokens":99,
             "system":[{"type":"text","text":"Be brief."},{"type":"text","text":"Be kind."}],
             "messages":[
              {"role":"user","content":[{"type":"text","text":"Look"},
                {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},
                {"type":"image","source":{"type":"url","url":"https://example.com/a.png"}},
                {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"BBBB"}}]},
              {"role":"assistant","content":[
                {"type":"tool_use","id":"call_1","name":"weather","input":{"city":"Rome"}},
                {"type":"tool_use","id":"call_2","name":"time","input":{}}]},
              {"role":"user","content":[
                {"type":"tool_result","tool_use_id":"call_1","content":[{"type":"text","text":"sunny"}]},
                {"type":"tool_result","tool_use_id":"call_2","content":[{"type":"text","text":"noon"}]},
                {"type":"text","text":"And now?"}]}],
             "temperature":1,"stop_sequences":["END"],
             "tools":[{"name":"weather","description":"d","input_schema":"#weather"}],
             "tool_choice":{"type":"any","disable_parallel_tool_use":true},"metadata":{"user_id":"u1"},"stream":true}
            """);
    }

    [Fact]
    public void Messages_become_chat()
    {
        var said = Translated.Request(Protocol.AnthropicMessages, Protocol.OpenAiChat, """
            {"model":"m","max_tokens":50,"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],
             "thinking":{"type":"enabled","budget_tokens":1024},"top_k":4,"stop_sequences":["END"],"stream":true,
             "messages":[
              {"role":"user","content":"Look"},
              {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},
                {"type":"text","text":"I ask."},{"type":"tool_use","id":"tu_1","name":"weather","input":{"city":"Rome"}}]},
              {"role":"user","content":[
                {"type":"tool_result","tool_use_id":"tu_1","is_error":true,"content":[{"type":"text","text":"no"},
                  {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},
                {"type":"text","text":"Well?"}]}],
             "tools":[{"name":"weather","input_schema":"#weather"},{"type":"web_search_20250305","name":"web_search"}],
             "tool_choice":{"type":"tool","name":"weather"},"metadata":{"user_id":"u1"}}
            """);

        said.ShouldSay("""
            {"model":"m2","messages":[
              {"role":"system","content":"Be brief."},
              {"role":"user","content":"Look"},
              {"role":"assistant","content":"I ask.","tool_calls":[
                {"id":"tu_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]},
              {"role":"tool","tool_call_id":"tu_1","content":"no"},
              {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"text","text":"Well?"}]}],
             "max_tokens":50,"stop":["END"],
             "tools":[{"type":"function","function":{"name":"weather","parameters":"#weather"}}],
             "tool_choice":{"type":"function","function":{"name":"weather"}},
             "user":"u1","stream":true,"stream_options":{"include_usage":true}}
            """);
    }

    [Fact]
    public void Responses_become_chat()
    {
        var said = Translated.Request(Protocol.OpenAiResponses, Protocol.OpenAiChat, """
            {"model":"m","instructions":"Be brief.","max_output_tokens":50,"store":true,"prompt_cache_key":"k",
             "input":[
              {"role":"developer","content":"Be kind."},
              {"type":"message","role":"user","content":[{"type":"input_text","text":"Look"},
                {"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"auto"}]},
              {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"x"},
              {"type":"function_call","id":"fc_1","call_id":"call_1","name":"weather","arguments":"{}"},
              {"type":"function_call_output","call_id":"call_1","output":"sunny"},
              {"type":"custom_tool_call","call_id":"call_2","name":"patch","input":"*** x"},
              {"type":"custom_tool_call_output","call_id":"call_2","output":"done"}],
             "tools":[{"type":"function","name":"weather","parameters":"#weather","strict":false},
              {"type":"custom","name":"patch","description":"p"},{"type":"web_search"}],
             "text":{"format":{"type":"json_schema","name":"w","schema":"#weather","strict":true}}}
            """, isOpenAi: true);

        said.ShouldSay("""
            {"model":"m2","messages":[
              {"role":"system","content":"Be brief."},{"role":"system","content":"Be kind."},
              {"role":"user","content":[{"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"call_1","content":"sunny"},
              {"role":"assistant","content":null,"tool_calls":[
                {"id":"call_2","type":"function","function":{"name":"patch","arguments":"{\"input\":\"*** x\"}"}}]},
              {"role":"tool","tool_call_id":"call_2","content":"done"}],
             "max_completion_tokens":50,
             "tools":[{"type":"function","function":{"name":"weather","parameters":"#weather","strict":false}},
              {"type":"function","function":{"name":"patch","description":"p",
               "parameters":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}}}],
             "response_format":{"type":"json_schema","json_schema":{"name":"w","schema":"#weather","strict":true}}}
            """);
    }

    [Fact]
    public void Responses_become_messages()
    {
        var said = Translated.Request(Protocol.OpenAiResponses, Protocol.AnthropicMessages, """
            {"model":"m","input":"Look","stream":true,"text":{"format":{"type":"json_schema","name":"w","schema":"#weather"}}}
            """);

        said.ShouldSay("""
            {"model":"m2","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"Look"}]}],
             "output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{"city":{"type":"string"}},
              "required":["city"],"additionalProperties":false}}},"stream":true}
            """);
    }

    [Fact]
    public void Any_json_is_asked_for_in_words_where_the_vendor_has_no_other_way()
    {
        Translated.Request(Protocol.OpenAiChat, Protocol.AnthropicMessages, """
            {"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}
            """)["system"].ShouldSay("""[{"type":"text","text":"Answer with one JSON object and nothing else."}]""");
    }

    [Theory]
    [InlineData(Protocol.OpenAiChat, null)]
    [InlineData(Protocol.GeminiGenerateContent, "generationConfig")]
    [InlineData(Protocol.BedrockConverse, "inferenceConfig")]
    public void A_bound_above_what_the_model_gives_becomes_what_it_gives(Protocol provider, string? owner)
    {
        var said = Translated.Request(Protocol.AnthropicMessages, provider, """{"max_tokens":32000,"messages":[]}""", bound: 8_000);

        var name = provider switch
        {
            Protocol.OpenAiChat => "max_tokens",
            Protocol.GeminiGenerateContent => "maxOutputTokens",
            _ => "maxTokens",
        };
        (owner is null ? said : said[owner])![name]!.GetValue<long>().ShouldBe(4_096);
    }

    [Fact]
    public void No_bound_is_named_where_the_client_names_none()
    {
        Translated.Request(Protocol.OpenAiResponses, Protocol.OpenAiChat, """{"input":"x"}""")["max_tokens"].ShouldBeNull();
    }

    [Fact]
    public void A_share_of_what_is_likely_is_told_to_anthropic_where_no_temperature_is()
    {
        Translated.Request(Protocol.OpenAiChat, Protocol.AnthropicMessages, """{"messages":[],"top_p":0.9}""")["top_p"]!
            .GetValue<double>().ShouldBe(0.9);
    }

    [Fact]
    public void An_end_user_that_is_a_whole_document_becomes_a_digest_for_chat()
    {
        const string body = """
            {"max_tokens":5,"messages":[],"metadata":{"user_id":
             "{\"device_id\":\"0123456789abcdef\",\"account_uuid\":\"\",\"session_id\":\"7a4e9c1c-0000-4000-8000-000000000000\"}"}}
            """;

        var said = Translated.Request(Protocol.AnthropicMessages, Protocol.OpenAiChat, body)["user"]!.GetValue<string>();

        said.ShouldMatch("^[0-9a-f]{32}$");
        Translated.Request(Protocol.AnthropicMessages, Protocol.OpenAiChat, body)["user"]!.GetValue<string>().ShouldBe(said);
    }

    [Fact]
    public void An_end_user_that_is_an_address_becomes_a_digest_for_messages()
    {
        Translated.Request(
                Protocol.OpenAiChat, Protocol.AnthropicMessages, """{"messages":[],"user":"alice@example.com"}""")["metadata"]
            .ShouldSay("""{"user_id":"ff8d9819fc0e12bf0d24892e45987e24"}""");
    }

    [Theory]
    [InlineData(64, 64)]
    [InlineData(65, 32)]
    public void An_end_user_is_named_as_it_is_up_to_what_every_vendor_takes(int letters, int expected)
    {
        Translated.Request(
                Protocol.OpenAiChat, Protocol.AnthropicMessages, $$"""{"messages":[],"user":"{{new string('u', letters)}}"}""")
            ["metadata"]!["user_id"]!.GetValue<string>().Length.ShouldBe(expected);
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(1_000, 50)]
    public void A_bound_of_money_holds_where_it_is_lower(long bound, long expected)
    {
        var said = Translated.Request(
            Protocol.AnthropicMessages, Protocol.OpenAiChat, """{"max_tokens":50,"messages":[]}""", bound: bound);

        said["max_tokens"]!.GetValue<long>().ShouldBe(expected);
    }

    [Theory]
    [InlineData(Protocol.OpenAiChat, """{"messages":[],"n":2}""")]
    [InlineData(Protocol.OpenAiChat, """{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}]}""")]
    [InlineData(Protocol.OpenAiResponses, """{"input":"x","previous_response_id":"resp_1"}""")]
    [InlineData(
        Protocol.OpenAiChat,
        """{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"format":"wav","data":"A"}}]}]}""")]
    public void What_the_other_cannot_say_is_refused(Protocol client, string body)
    {
        Should.Throw<RefusedRequestException>(() => Translated.Request(client, Protocol.AnthropicMessages, body))
            .Code.ShouldBe(InferenceProblems.UnsupportedByModel);
    }

    [Theory]
    [InlineData(Protocol.OpenAiChat, """{}""")]
    [InlineData(Protocol.OpenAiChat, """{"messages":[{"role":"user","content":7}]}""")]
    [InlineData(Protocol.OpenAiChat, """{"messages":[{"content":"x"}]}""")]
    [InlineData(Protocol.AnthropicMessages, """{"messages":[]}""")]
    [InlineData(Protocol.OpenAiResponses, """{"input":[{"role":"user","content":[{"type":"input_text"}]}]}""")]
    public void What_is_none_of_the_protocol_is_refused(Protocol client, string body)
    {
        Should.Throw<RefusedRequestException>(() => Translated.Request(client, Protocol.AnthropicMessages, body))
            .Code.ShouldBe(InferenceProblems.InvalidModelRequest);
    }

    [Theory]
    [InlineData(Protocol.OpenAiChat, """{"messages":[{"role":"user","content":"cut \ud83d"}]}""")]
    [InlineData(Protocol.OpenAiChat, """{"messages":[{"role":"user","content":"cut \ude00\ud83d\n"}]}""")]
    [InlineData(Protocol.OpenAiChat, """{"messages":[],"cut \ud83d":1}""")]
    [InlineData(Protocol.OpenAiChat, """
        {"messages":[],"tools":[{"type":"function","function":{"name":"f","parameters":{"description":"cut \uD83D\\ude00"}}}]}
        """)]
    [InlineData(Protocol.OpenAiResponses, """{"input":"cut \ud83d"}""")]
    [InlineData(Protocol.AnthropicMessages, """{"max_tokens":5,"messages":[{"role":"user","content":"cut \ud83d"}]}""")]
    public void Text_that_is_not_unicode_is_refused(Protocol client, string body)
    {
        var provider = client == Protocol.AnthropicMessages ? Protocol.OpenAiChat : Protocol.AnthropicMessages;

        var refused = Should.Throw<RefusedRequestException>(() => Translated.Request(client, provider, body));

        refused.Code.ShouldBe(InferenceProblems.InvalidModelRequest);
        refused.Message.ShouldBe("The request has text that is not valid Unicode.");
    }

    [Fact]
    public void Escaped_text_that_is_unicode_is_read()
    {
        Translated.Request(
                Protocol.OpenAiResponses, Protocol.OpenAiChat, """{"input":"\ud83d\ude00 \\ud83d \u00e9"}""")["messages"]![0]!["content"]!
            .GetValue<string>().ShouldBe("\ud83d\ude00 \\ud83d \u00e9");
    }

    [Fact]
    public void Arguments_that_cannot_be_read_are_shown_as_they_are()
    {
        var said = Translated.Request(Protocol.OpenAiChat, Protocol.AnthropicMessages, """
            {"messages":[{"role":"assistant","tool_calls":[
              {"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":\"\\ud83d\"}"}}]}]}
            """);

        said["messages"]![0]!["content"]![0]!["input"]!["arguments"]!.GetValue<string>().ShouldBe("""{"x":"\ud83d"}""");
    }

    [Theory]
    [InlineData(Protocol.OpenAiChat, """{"messages":[],"stop":[1]}""", "'stop' must be text or a list of texts.")]
    [InlineData(Protocol.OpenAiChat, """{"messages":[],"stop":{}}""", "'stop' must be text or a list of texts.")]
    [InlineData(
        Protocol.AnthropicMessages, """{"max_tokens":5,"messages":[],"stop_sequences":[1]}""", "'stop_sequences' must be a list of texts.")]
    [InlineData(Protocol.OpenAiChat, """{"messages":[],"temperature":1e999}""", "'temperature' must be a number.")]
    public void What_has_the_wrong_kind_is_named(Protocol client, string body, string message)
    {
        Should.Throw<RefusedRequestException>(() => Translated.Request(client, Protocol.BedrockConverse, body)).Message.ShouldBe(message);
    }
}
