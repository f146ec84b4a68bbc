using System.Text.Json.Nodes;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// Schemas of answers, as Anthropic's structured outputs take them. Source: "Structured outputs" of Anthropic's
/// documentation, "JSON Schema limitations".
/// </summary>
public sealed class ShapingAnswersOfAnthropic
{
    [Theory]
    [InlineData("""{"type":"integer","minimum":1,"maximum":5}""", """{"type":"integer","description":"{minimum: 1, maximum: 5}"}""")]
    [InlineData(
        """{"type":"string","description":"A code.","pattern":"^a","maxLength":3}""",
        """{"type":"string","description":"A code.\n\n{pattern: ^a, maxLength: 3}"}""")]
    [InlineData(
        """{"type":"array","items":{"type":"number","multipleOf":2},"minItems":2,"uniqueItems":true}""",
        """
        {"type":"array","items":{"type":"number","description":"{multipleOf: 2}"},"description":"{minItems: 2, uniqueItems: true}"}
        """)]
    [InlineData("""{"type":"string","format":"regex"}""", """{"type":"string","description":"{format: regex}"}""")]
    public void What_is_refused_is_told_in_words(string schema, string expected)
    {
        Shaped(schema).ShouldSay(expected);
    }

    [Theory]
    [InlineData("""{"type":"string","format":"date-time","title":"When","default":"now"}""")]
    [InlineData("""{"type":["string","null"],"enum":["a",null]}""")]
    [InlineData("""{"type":"array","items":{"type":"string"},"minItems":1}""")]
    [InlineData("""{"const":7}""")]
    public void What_is_taken_stays(string schema)
    {
        Shaped(schema).ShouldSay(schema);
    }

    [Fact]
    public void Objects_are_closed_wherever_they_stand()
    {
        Shaped("""
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":{"type":"string"},
             "properties":{"a":{"type":"object"},"b":{"$ref":"#/$defs/b","description":"lost"},"c":{"anyOf":[{"type":["object","null"]}]}},
             "$defs":{"b":{"properties":{"x":true}}},"required":["a"]}
            """).ShouldSay("""
            {"type":"object","additionalProperties":false,
             "properties":{"a":{"type":"object","properties":{},"additionalProperties":false},"b":{"$ref":"#/$defs/b"},
              "c":{"anyOf":[{"type":["object","null"],"properties":{},"additionalProperties":false}]}},
             "$defs":{"b":{"properties":{"x":true},"additionalProperties":false}},"required":["a"]}
            """);
    }

    [Fact]
    public void One_of_several_becomes_any_of_them()
    {
        Shaped("""{"oneOf":[{"type":"integer","maximum":3},{"type":"null"}]}""").ShouldSay(
            """{"anyOf":[{"type":"integer","description":"{maximum: 3}"},{"type":"null"}]}""");
    }

    [Fact]
    public void A_property_may_be_called_like_a_keyword()
    {
        Shaped("""{"type":"object","properties":{"minimum":{"type":"integer"}}}""").ShouldSay(
            """{"type":"object","properties":{"minimum":{"type":"integer"}},"additionalProperties":false}""");
    }

    private static JsonNode? Shaped(string schema) => Translated.Request(
        Protocol.OpenAiChat,
        Protocol.AnthropicMessages,
        """{"messages":[],"response_format":{"type":"json_schema","json_schema":{"name":"w","schema":""" + schema + "}}}")
        ["output_config"]!["format"]!["schema"];
}
