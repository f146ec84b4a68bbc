using System.Text;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// Gemini's own protocol. The shapes are those of the "Gemini API reference" v1beta: <c>GenerateContentRequest</c>,
/// <c>GenerateContentResponse</c>, <c>UsageMetadata</c>; the signatures those of its guide "Thought signatures".
/// </summary>
public sealed class TranslatingForGemini
{
    private const string Answer = """
        {"candidates":[{"content":{"role":"model","parts":[
          {"text":"Hm.","thought":true},{"text":"Let me see."},
          {"functionCall":{"name":"weather","args":{"city":"Rome"}},"thoughtSignature":"ab+/cd=="}]},
          "finishReason":"STOP","index":0}],
         "usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":40,"candidatesTokenCount":20,"thoughtsTokenCount":7,
          "toolUsePromptTokenCount":5,"totalTokenCount":132},"modelVersion":"gemini-2.5-pro","responseId":"r1"}
        """;

    private const string Stream = """
        data: {"candidates":[{"content":{"role":"model","parts":[{"text":"Hm.","thought":true}]}}],"usageMetadata":{"promptTokenCount":10},"modelVersion":"gemini-2.5-flash","responseId":"r1"}

        data: {"candidates":[{"content":{"role":"model","parts":[{"text":"Okay"}]}}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":1}}

        data: {"candidates":[{"content":{"role":"model","parts":[{"text":" then"}]},"finishReason":"MAX_TOKENS"}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"thoughtsTokenCount":3}}


        """;

    [Fact]
    public void A_chat_becomes_a_request()
    {
        var said = Translated.Request(Protocol.OpenAiChat, Protocol.GeminiGenerateContent, """
            {"model":"m","max_completion_tokens":50,"temperature":0.5,"top_p":0.9,"stop":["END"],"tool_choice":"required",
             "response_format":{"type":"json_schema","json_schema":{"name":"w","schema":"#weather"}},
             "tools":[{"type":"function","function":{"name":"weather","description":"Tells it.","parameters":"#weather"}}],
             "messages":[
              {"role":"system","content":"Be brief."},
              {"role":"user","content":[{"type":"text","text":"Look"},
               {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},
              {"role":"assistant","content":null,"tool_calls":[
               {"id":"call_1__thought__ab-_cd","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]},
              {"role":"tool","tool_call_id":"call_1__thought__ab-_cd","content":"sunny"}]}
            """);

        said.ShouldSay("""
            {"systemInstruction":{"parts":[{"text":"Be brief."}]},
             "contents":[
              {"role":"user","parts":[{"text":"Look"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},
              {"role":"model","parts":[{"functionCall":{"name":"weather","args":{"city":"Rome"}},"thoughtSignature":"ab+/cd=="}]},
              {"role":"user","parts":[{"functionResponse":{"name":"weather","response":{"result":"sunny"}}}]}],
             "tools":[{"functionDeclarations":[{"name":"weather","description":"Tells it.","parametersJsonSchema":"#weather"}]}],
             "toolConfig":{"functionCallingConfig":{"mode":"ANY"}},
             "generationConfig":{"maxOutputTokens":50,"temperature":0.5,"topP":0.9,"stopSequences":["END"],
              "responseMimeType":"application/json","responseJsonSchema":"#weather"}}
            """);
    }

    [Fact]
    public void An_answer_becomes_a_completion_and_its_proof_goes_with_the_call()
    {
        Translated.Answer(Protocol.GeminiGenerateContent, Protocol.OpenAiChat, Answer).ShouldSay("""
            {"id":"r1","object":"chat.completion","created":1700000000,"model":"gemini-2.5-pro","choices":[{"index":0,"message":{
              "role":"assistant","content":"Let me see.","refusal":null,"reasoning_content":"Hm.","tool_calls":[
                {"id":"call_r1_0__thought__ab-_cd","type":"function",
                 "function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]},
              "logprobs":null,"finish_reason":"tool_calls"}],
             "usage":{"prompt_tokens":105,"completion_tokens":27,"total_tokens":132,
              "prompt_tokens_details":{"cached_tokens":40,"audio_tokens":0},
              "completion_tokens_details":{"reasoning_tokens":7,"audio_tokens":0}}}
            """);
    }

    [Fact]
    public void An_answer_without_a_name_has_the_calls_id_and_so_have_its_calls()
    {
        var answer = Answer.Replace(",\"modelVersion\":\"gemini-2.5-pro\",\"responseId\":\"r1\"", "", StringComparison.Ordinal);

        var said = Translated.Answer(Protocol.GeminiGenerateContent, Protocol.OpenAiChat, answer, id: "req_2");

        ((string)said["id"]!, (string)said["model"]!).ShouldBe(("req_2", "asked"));
        said["choices"]![0]!["message"]!["tool_calls"]![0]!["id"]!.GetValue<string>().ShouldStartWith("call_req_2_0");
    }

    [Fact]
    public void A_stream_becomes_messages()
    {
        var events = Translated.Stream(Protocol.GeminiGenerateContent, Protocol.AnthropicMessages, Stream);

        events.Select(one => one.Name).ShouldBe(
        [
            "message_start", "content_block_start", "content_block_delta", "content_block_stop", "content_block_start",
            "content_block_delta", "content_block_delta", "content_block_stop", "message_delta", "message_stop",
        ]);
        events[^2].Data!["delta"]!["stop_reason"]!.GetValue<string>().ShouldBe("max_tokens");
        events[^2].Data!["usage"]!["output_tokens"]!.GetValue<int>().ShouldBe(5);
    }

    [Fact]
    public void A_stream_is_whole_once_it_says_why_the_model_stopped()
    {
        var meter = new StreamMeter(Protocol.GeminiGenerateContent);
        foreach (var data in Stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            meter.IsComplete.ShouldBeFalse();
            var bytes = Encoding.UTF8.GetBytes(data["data: ".Length..]);
            meter.Observe(new SseEvent(bytes, default, bytes));
        }

        meter.IsComplete.ShouldBeTrue();
        meter.DeliveredBytes.ShouldBe(12);
        meter.Used(1_000, null).ShouldSatisfyAllConditions(
            it => it.InputTokens.ShouldBe(10),
            it => it.OutputTokens.ShouldBe(5),
            it => it.ReasoningTokens.ShouldBe(3),
            it => it.IsEstimated.ShouldBeFalse());
    }

    [Fact]
    public void A_prompt_that_is_held_back_is_filtered()
    {
        var said = Translated.Answer(
            Protocol.GeminiGenerateContent,
            Protocol.OpenAiChat,
            """{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":8},"responseId":"r"}""");

        said["choices"]![0]!["finish_reason"]!.GetValue<string>().ShouldBe("content_filter");
    }

    [Fact]
    public void Newer_models_get_the_word_that_excuses_calls_of_others()
    {
        const string body = """
            {"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":[
              {"type":"tool_use","id":"toolu_1","name":"weather","input":{}}]}]}
            """;
        var output = new System.Buffers.ArrayBufferWriter<byte>();

        Translation.Request(
            Protocol.AnthropicMessages,
            Protocol.GeminiGenerateContent,
            Encoding.UTF8.GetBytes(body),
            new TranslationTarget("gemini-3-pro", 10),
            output);

        Encoding.UTF8.GetString(output.WrittenSpan).ShouldContain("skip_thought_signature_validator");
    }

    [Fact]
    public void Sorts_of_usage_share_no_token()
    {
        var usage = UsageRules.Find(Protocol.GeminiGenerateContent, """
            {"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":30,"candidatesTokenCount":20,"thoughtsTokenCount":4,
             "promptTokensDetails":[{"modality":"TEXT","tokenCount":60},{"modality":"AUDIO","tokenCount":40}],
             "cacheTokensDetails":[{"modality":"AUDIO","tokenCount":10}],
             "candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":6}]}}
            """u8)!.Value;

        usage.ShouldSatisfyAllConditions(
            it => it.InputTokens.ShouldBe(40),
            it => it.CachedReadTokens.ShouldBe(20),
            it => it.AudioInputTokens.ShouldBe(30),
            it => it.AudioCachedReadTokens.ShouldBe(10),
            it => it.AllInputTokens.ShouldBe(100),
            it => it.OutputTokens.ShouldBe(18),
            it => it.AudioOutputTokens.ShouldBe(6),
            it => it.AllOutputTokens.ShouldBe(24));
    }
}
