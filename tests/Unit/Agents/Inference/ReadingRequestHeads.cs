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

    [Fact]
    public void Leaves_text_that_is_only_passed_on_to_the_provider()
    {
        Read("""{"model":"m","messages":[{"role":"user","content":"cut \ud83d"}]}""").Model.ShouldBe("m");
    }

    private static RequestHead Read(string body) => RequestHead.Read(Encoding.UTF8.GetBytes(body));
}
