using System.Text;
using System.Text.Json;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// OpenAI's embeddings in other vendors' words; answers are written from the "Gemini API reference" and the "Amazon Bedrock
/// User Guide".
/// </summary>
public sealed class TranslatingEmbeddings
{
    [Theory]
    [InlineData(EmbeddingVendor.Titan, """{"input":"a"}""", """{"inputText":"a"}""")]
    [InlineData(EmbeddingVendor.Titan, """{"input":["a"],"dimensions":256}""", """{"inputText":"a","dimensions":256}""")]
    [InlineData(EmbeddingVendor.Cohere, """{"input":["a","b"]}""", """{"texts":["a","b"],"input_type":"search_document"}""")]
    [InlineData(
        EmbeddingVendor.Cohere,
        """{"input":"a","input_type":"search_query","dimensions":256}""",
        """{"texts":["a"],"input_type":"search_query","output_dimension":256}""")]
    [InlineData(
        EmbeddingVendor.Gemini,
        """{"input":["a","b"]}""",
        """
        {"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]}},{"model":"models/m","content":{"parts":[{"text":"b"}]}}]}
        """)]
    [InlineData(
        EmbeddingVendor.Gemini,
        """{"input":"a","dimensions":3}""",
        """{"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]},"outputDimensionality":3}]}""")]
    public void A_request_is_said_in_their_words(EmbeddingVendor vendor, string asked, string said) =>
        Text(EmbeddingTranslation.Requests(vendor, "m", Bytes(asked)).Single()).ShouldBe(said.Trim());

    [Theory]
    [InlineData(EmbeddingVendor.Titan, 3, 3)]
    [InlineData(EmbeddingVendor.Cohere, 97, 2)]
    [InlineData(EmbeddingVendor.Gemini, 200, 2)]
    public void Many_texts_become_as_many_requests_as_must_be(EmbeddingVendor vendor, int texts, int requests)
    {
        var asked = $$"""{"input":[{{string.Join(',', Enumerable.Repeat("\"a\"", texts))}}]}""";

        EmbeddingTranslation.Requests(vendor, "m", Bytes(asked)).Count.ShouldBe(requests);
    }

    [Theory]
    [InlineData("""{"input":[]}""")]
    [InlineData("""{"input":[1,2,3]}""")]
    [InlineData("""{"input":{"text":"a"}}""")]
    [InlineData("{}")]
    public void What_they_have_no_words_for_is_refused(string asked) =>
        Should.Throw<RefusedRequestException>(() => EmbeddingTranslation.Requests(EmbeddingVendor.Titan, "m", Bytes(asked)));

    [Fact]
    public void More_texts_than_can_be_asked_for_in_time_are_refused()
    {
        var asked = $$"""{"input":[{{string.Join(',', Enumerable.Repeat("\"a\"", Limits.EmbeddingRequestsMax + 1))}}]}""";

        Should.Throw<RefusedRequestException>(() => EmbeddingTranslation.Requests(EmbeddingVendor.Titan, "m", Bytes(asked)));
        EmbeddingTranslation.Requests(EmbeddingVendor.Cohere, "m", Bytes(asked)).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(EmbeddingVendor.Gemini, """{"embeddings":[{"values":[0.125,-1e-05]}],"usageMetadata":{"promptTokenCount":4}}""", 4)]
    [InlineData(EmbeddingVendor.Titan, """{"embedding":[0.125,-1e-05],"inputTextTokenCount":4}""", 4)]
    [InlineData(EmbeddingVendor.Cohere, """{"embeddings":[[0.125,-1e-05]],"response_type":"embeddings_floats"}""", null)]
    [InlineData(EmbeddingVendor.Cohere, """{"embeddings":{"float":[[0.125,-1e-05]]}}""", null)]
    public void An_answer_is_said_in_OpenAIs_with_all_its_digits(EmbeddingVendor vendor, string answer, int? tokens)
    {
        var said = Said(vendor, """{"input":"a"}""", new EmbeddingPart(Bytes(answer), null));

        said.GetProperty("data")[0].GetProperty("embedding").GetRawText().ShouldBe("[0.125,-1e-05]");
        said.GetProperty("model").GetString().ShouldBe("m");
        said.TryGetProperty("usage", out var usage).ShouldBe(tokens is not null, "what nobody told is not made up");
        if (tokens is not null)
        {
            usage.GetProperty("prompt_tokens").GetInt32().ShouldBe(tokens.Value);
        }
    }

    [Fact]
    public void Parts_follow_each_other_and_their_tokens_add_up()
    {
        var part = new EmbeddingPart(Bytes("""{"embeddings":[[1],[2]]}"""), 5);

        var said = Said(EmbeddingVendor.Cohere, """{"input":["a","b","c","d"]}""", part, part);

        said.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("index").GetInt32()).ShouldBe([0, 1, 2, 3]);
        said.GetProperty("usage").GetProperty("total_tokens").GetInt32().ShouldBe(10);
    }

    [Fact]
    public void Who_asks_for_base64_gets_it()
    {
        var said = Said(
            EmbeddingVendor.Titan,
            """{"input":"a","encoding_format":"base64"}""",
            new EmbeddingPart(Bytes("""{"embedding":[0.5,-0.25]}"""), null));

        said.GetProperty("data")[0].GetProperty("embedding").GetString().ShouldBe("AAAAPwAAgL4=");
    }

    [Theory]
    [InlineData("""{"message":"no"}""")]
    [InlineData("[]")]
    [InlineData("""{"embedding":"none"}""")]
    public void What_is_no_answer_is_told(string answer) => Should.Throw<InvalidDataException>(
        () => Said(EmbeddingVendor.Titan, """{"input":"a"}""", new EmbeddingPart(Bytes(answer), null)));

    private static JsonElement Said(EmbeddingVendor vendor, string asked, params EmbeddingPart[] parts) =>
        JsonDocument.Parse(EmbeddingTranslation.Answer(vendor, "m", Bytes(asked), parts)).RootElement;

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
