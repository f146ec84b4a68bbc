using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

public sealed class ReadingRequestHeads
{
    [Fact]
    public void Finds_what_must_be_known()
    {
        var head = Read("""
            {"messages":[{"role":"user","content":"model","model":"not this"}],"model":"gpt-x","stream":true,"n":3,
             "stream_options":{"include_usage":true},"max_completion_tokens":50,"user":"u1","tools":[{"max_tokens":9}]}
            """);

        head.ShouldSatisfyAllConditions(
            it => it.Model.ShouldBe("gpt-x"),
            it => it.IsStream.ShouldBeTrue(),
            it => it.WantsUsage.ShouldBeTrue(),
            it => it.OutputTokensMax.ShouldBe(50),
            it => it.Answers.ShouldBe(3),
            it => it.User.ShouldBe("u1"),
            it => it.HasReferences.ShouldBeFalse());
    }

    [Fact]
    public void Counts_pictures_apart_from_text()
    {
        var picture = "iVBORw0KGgo" + new string('A', 5_000);

        var head = Read("""
            {"model":"m","messages":[{"role":"user","content":[
              {"type":"image","source":{"type":"base64","media_type":"image/png","data":"#picture"}},
              {"type":"image_url","image_url":{"url":"data:image/jpeg;base64,#picture"}},
              {"type":"image_url","image_url":{"url":"https://example.com/a.png"}},
              {"type":"text","text":"iVBORw0KGgo is how a PNG begins"}]}]}
            """.Replace("#picture", picture, StringComparison.Ordinal));

        head.Images.ShouldBe(3);
        head.TextBytes.ShouldBeLessThan(600);
    }

    [Theory]
    [InlineData("""{"model":"m","previous_response_id":"resp_1"}""")]
    [InlineData("""{"model":"m","input":[{"content":[{"type":"input_file","file_id":"file_1"}]}]}""")]
    public void Says_when_something_is_kept_elsewhere(string body)
    {
        Read(body).HasReferences.ShouldBeTrue();
    }

    [Theory]
    [InlineData(
        """{"model": "a", "x": [1.0, "\u00e9"], "max_tokens": 9}""",
        """{"model": "b\"c", "x": [1.0, "\u00e9"], "max_tokens": 5,"stream_options":{"include_usage":true}}""")]
    [InlineData(
        """{"stream_options": {"y":1,"include_usage":false} , "model":"a"}""",
        """{"stream_options": {"y":1,"include_usage":true} , "model":"b\"c","max_tokens":5}""")]
    public void Changes_nothing_but_what_it_must(string body, string expected)
    {
        var head = Read(body);
        var output = new ArrayBufferWriter<byte>();

        head.Patch(Encoding.UTF8.GetBytes(body), "b\"c", ("max_tokens", 5), asksUsage: true, output);

        var patched = Encoding.UTF8.GetString(output.WrittenSpan);
        patched.ShouldBe(expected);
        JsonNode.Parse(patched).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"model":7}""")]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"model":"m"} trailing""")]
    [InlineData("""{"model":"m","max_tokens":"many"}""")]
    [InlineData("""{"model":"cut \ud83d"}""")]
    [InlineData("""{"model":"m","user":"cut \ud83d"}""")]
    public void Refuses_what_is_no_request(string body)
    {
        Should.Throw<RefusedRequestException>(() => Read(body)).Code.ShouldBe(InferenceProblems.InvalidModelRequest);
    }

    // Some providers take the last of two, some the first, some do not tell capitals from small letters.
    [Theory]
    [InlineData("""{"model":"cheap","model":"dear"}""")]
    [InlineData("""{"model":"cheap","Model":"dear"}""")]
    [InlineData("""{"model":"m","max_tokens":1,"max_tokens":8000}""")]
    [InlineData("""{"model":"m","max_tokens":1,"MAX_TOKENS":8000}""")]
    [InlineData("""{"model":"m","max_to\u212aens":8000}""")]
    [InlineData("""{"model":"m","\u017Ftream":true}""")]
    [InlineData("""{"model":"m","n":"128"}""")]
    [InlineData("""{"model":"m","n":2.5}""")]
    [InlineData("""{"model":"m","n":0}""")]
    [InlineData("""{"model":"m","n":9223372036854775807}""")]
    [InlineData("""{"model":"m","user":"\ud800"}""")]
    [InlineData("""{"model":"\ud800"}""")]
    public void Refuses_what_could_be_read_in_two_ways(string body)
    {
        Should.Throw<RefusedRequestException>(() => Read(body)).Code.ShouldBe(InferenceProblems.InvalidModelRequest);
    }

    [Theory]
    [InlineData(Protocol.OpenAiChat, "max_output_tokens")]
    [InlineData(Protocol.OpenAiCompletions, "max_completion_tokens")]
    [InlineData(Protocol.OpenAiResponses, "max_tokens")]
    [InlineData(Protocol.AnthropicMessages, "max_completion_tokens")]
    public void A_bound_of_another_protocol_bounds_nothing(Protocol protocol, string name)
    {
        Read($$"""{"model":"m","{{name}}":1}""", protocol).OutputTokensMax.ShouldBeNull();
    }

    [Fact]
    public void Both_bounds_of_a_chat_are_changed()
    {
        const string body = """{"max_tokens":6000,"model":"m","max_completion_tokens":5999}""";
        var head = Read(body);
        var output = new ArrayBufferWriter<byte>();

        head.Patch(Encoding.UTF8.GetBytes(body), "m", ("max_tokens", 300), asksUsage: false, output);

        head.OutputTokensMax.ShouldBe(6000);
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe("""{"max_tokens":300,"model":"m","max_completion_tokens":300}""");
    }

    [Theory]
    [InlineData("""{"include_usage":true,"include_usage":false}""")]
    [InlineData("""{"include_usage":false,"x":{"include_usage":true}}""")]
    [InlineData("""{"include_usage":1}""")]
    public void Usage_that_is_not_surely_wanted_is_asked_for(string options)
    {
        Read($$"""{"model":"m","stream":true,"stream_options":{{options}}}""").WantsUsage.ShouldBeFalse();
    }

    [Fact]
    public void Text_that_begins_like_a_picture_is_text()
    {
        var text = "data:image/ " + new string('x', 5_000);

        var head = Read($$"""{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"{{text}}"}]}]}""");

        head.Images.ShouldBe(0);
        head.TextBytes.ShouldBeGreaterThan(5_000);
    }

    [Theory]
    [InlineData("""{"type":"document","source":{"type":"url","url":"https://example.com/long.pdf"}}""", true)]
    [InlineData("""{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0xLjc"}}""", true)]
    [InlineData("""{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0xLjc"}}""", true)]
    [InlineData("""{"type":"document","source":{"type":"text","media_type":"text/plain","data":"All of it."}}""", false)]
    [InlineData("""{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}""", false)]
    public void Pages_have_no_size_that_can_be_seen(string part, bool isReference)
    {
        var head = Read($$"""{"model":"m","messages":[{"role":"user","content":[{{part}}]}]}""", Protocol.AnthropicMessages);

        head.HasReferences.ShouldBe(isReference);
    }

    [Theory]
    [InlineData("""{"type":"function","function":{"name":"web_search","parameters":{"type":"object"}}}""", false)]
    [InlineData("""{"name":"search","input_schema":{"type":"object"}}""", false)]
    [InlineData("""{"type":"custom","name":"apply_patch"}""", false)]
    [InlineData("""{"type":"bash_20250124","name":"bash"}""", false)]
    [InlineData("""{"type":"web_search_20250305","name":"web_search"}""", true)]
    [InlineData("""{"type":"file_search","vector_store_ids":["vs_1"]}""", true)]
    [InlineData("""{"type":"mcp","server_url":"https://example.com"}""", true)]
    public void What_the_vendors_tools_find_has_no_size_that_can_be_seen(string tool, bool isReference)
    {
        Read($$"""{"tools":[{"name":"other"},{{tool}}],"model":"m"}""").HasReferences.ShouldBe(isReference);
    }

    [Fact]
    public void Each_text_of_a_completion_is_answered_for_itself()
    {
        var several = Read("""{"model":"m","prompt":["a","b","c"],"n":2}""", Protocol.OpenAiCompletions);
        var tokens = Read("""{"model":"m","prompt":[1,2,3],"n":2}""", Protocol.OpenAiCompletions);
        var embedded = Read("""{"model":"m","input":[[1,2],[3]]}""", Protocol.OpenAiEmbeddings);

        (several.Answers, several.Texts).ShouldBe((6, 3));
        (tokens.Answers, tokens.Texts).ShouldBe((2, 1));
        (embedded.Answers, embedded.Texts).ShouldBe((1, 2));
    }

    [Theory]
    [InlineData(Protocol.OpenAiResponses, """{"model":"m","background":true}""")]
    [InlineData(Protocol.OpenAiChat, """{"model":"m","service_tier":"priority"}""")]
    [InlineData(Protocol.AnthropicMessages, """{"model":"m","speed":"fast"}""")]
    public void Refuses_what_costs_something_else_than_its_tokens(Protocol protocol, string body)
    {
        Should.Throw<RefusedRequestException>(() => Read(body, protocol)).Code.ShouldBe(InferenceProblems.UnsupportedByModel);
    }

    [Theory]
    [InlineData(Protocol.OpenAiResponses, """{"model":"m","background":false,"service_tier":"auto"}""")]
    [InlineData(Protocol.OpenAiChat, """{"model":"m","service_tier":null,"speed":"fast","background":true}""")]
    [InlineData(Protocol.AnthropicMessages, """{"model":"m","service_tier":"standard_only","speed":"standard"}""")]
    public void Takes_what_costs_what_its_tokens_do(Protocol protocol, string body)
    {
        Read(body, protocol).Model.ShouldBe("m");
    }

    [Fact]
    public void Leaves_text_that_is_only_passed_on_to_the_provider()
    {
        Read("""{"model":"m","messages":[{"role":"user","content":"cut \ud83d"}]}""").Model.ShouldBe("m");
    }

    private static RequestHead Read(string body, Protocol protocol = Protocol.OpenAiChat) =>
        RequestHead.Read(Encoding.UTF8.GetBytes(body), protocol);
}
