using System.Text.Json.Nodes;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// Tools of MCP servers, which Codex sends in namespaces of OpenAI's responses: <c>NamespaceTool</c> and
/// <c>ResponseFunctionToolCall</c> of the npm package <c>openai</c> 6. Other vendors have one name for a tool.
/// </summary>
public sealed class TranslatingToolNamespaces
{
    private const string Tools = """
        "tools":[{"type":"function","name":"shell","parameters":"#weather"},
          {"type":"namespace","name":"mcp__docs__","description":"Documents.","tools":[
            {"type":"function","name":"search","description":"Finds them.","parameters":"#weather","strict":false},
            {"type":"custom","name":"note"}]},
          {"type":"namespace","name":"mcp__mail","tools":[{"type":"function","name":"search","parameters":"#weather"}]}]
        """;

    private const string Called = """
        {"id":"chatcmpl-1","model":"gpt","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant",
          "content":null,"tool_calls":[
            {"id":"call_1","type":"function","function":{"name":"mcp__docs__search","arguments":"{}"}},
            {"id":"call_2","type":"function","function":{"name":"shell","arguments":"{}"}},
            {"id":"call_3","type":"function","function":{"name":"mcp__docs__note","arguments":"{\"input\":\"Hi\"}"}}]}}]}
        """;

    private const string Stream = """
        data: {"id":"chatcmpl-1","model":"gpt","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"mcp__mail__search","arguments":""}}]}}]}

        data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}

        data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

        data: [DONE]


        """;

    [Fact]
    public void Each_tool_of_a_namespace_becomes_a_function_of_its_own()
    {
        Asked($$"""{"input":"x",{{Tools}}}""")["tools"].ShouldSay("""
            [{"type":"function","function":{"name":"shell","parameters":"#weather"}},
             {"type":"function","function":{"name":"mcp__docs__search","description":"Finds them.","parameters":"#weather","strict":false}},
             {"type":"function","function":{"name":"mcp__docs__note",
              "parameters":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}}},
             {"type":"function","function":{"name":"mcp__mail__search","parameters":"#weather"}}]
            """);
    }

    [Fact]
    public void A_call_is_told_with_its_namespace()
    {
        var said = Translated.Answer(Protocol.OpenAiChat, Protocol.OpenAiResponses, Called, Request);

        said["output"].ShouldSay("""
            [{"id":"fc_chatcmpl-1_0","type":"function_call","status":"completed","call_id":"call_1","name":"search",
              "namespace":"mcp__docs__","arguments":"{}"},
             {"id":"fc_chatcmpl-1_1","type":"function_call","status":"completed","call_id":"call_2","name":"shell","arguments":"{}"},
             {"id":"fc_chatcmpl-1_2","type":"custom_tool_call","status":"completed","call_id":"call_3","name":"note",
              "namespace":"mcp__docs__","input":"Hi"}]
            """);
    }

    [Fact]
    public void A_streamed_call_is_told_with_its_namespace_from_its_first_event_on()
    {
        var events = Translated.Stream(Protocol.OpenAiChat, Protocol.OpenAiResponses, Stream, Request);

        var items = events.Where(one => one.Name.StartsWith("response.output_item", StringComparison.Ordinal))
            .Select(one => one.Data!["item"]!)
            .Append(events[^1].Data!["response"]!["output"]![0]!)
            .ToList();
        items.Count.ShouldBe(3);
        items.ShouldAllBe(one => (string)one["name"]! == "search" && (string)one["namespace"]! == "mcp__mail");
        events.Single(one => one.Name == "response.function_call_arguments.done").Data!["name"]!.GetValue<string>().ShouldBe("search");
    }

    [Fact]
    public void An_earlier_call_is_sent_under_the_name_its_tool_has()
    {
        var said = Asked($$"""
            {"input":[{"role":"user","content":"x"},
              {"type":"function_call","call_id":"call_1","name":"search","namespace":"mcp__mail","arguments":"{}"},
              {"type":"function_call_output","call_id":"call_1","output":"none"}],{{Tools}}}
            """);

        NameOf(said["messages"]![1]!["tool_calls"]![0]).ShouldBe("mcp__mail__search");
        said["tools"]!.AsArray().Select(NameOf).ShouldContain("mcp__mail__search");
    }

    [Fact]
    public void An_earlier_call_of_a_server_that_has_gone_keeps_both_names()
    {
        var said = Asked("""
            {"input":[{"type":"function_call","call_id":"call_1","name":"search","namespace":"mcp__old","arguments":"{}"}]}
            """);

        NameOf(said["messages"]![0]!["tool_calls"]![0]).ShouldBe("mcp__old__search");
    }

    [Theory]
    [InlineData("""{"type":"function","name":"search","namespace":"mcp__docs__"}""", "mcp__docs__search")]
    [InlineData("""{"type":"custom","name":"note"}""", "mcp__docs__note")]
    [InlineData("""{"type":"function","name":"shell"}""", "shell")]
    public void A_tool_choice_can_name_one(string choice, string expected)
    {
        NameOf(Asked($$"""{"input":"x","tool_choice":{{choice}},{{Tools}}}""")["tool_choice"]).ShouldBe(expected);
    }

    [Fact]
    public void A_tool_choice_of_a_namespace_that_is_not_there_is_refused()
    {
        Should.Throw<RefusedRequestException>(
            () => Asked($$"""{"input":"x","tool_choice":{"type":"function","name":"search","namespace":"mcp__old"},{{Tools}}}"""))
            .Code.ShouldBe(InferenceProblems.InvalidModelRequest);
    }

    [Fact]
    public void Names_that_are_too_long_or_clash_are_told_apart_and_told_back()
    {
        var far = new string('a', 60);
        var tools = $$"""
            [{"type":"namespace","name":"a","tools":[{"type":"function","name":"b"},{"type":"function","name":"c d"}]},
             {"type":"namespace","name":"a__","tools":[{"type":"function","name":"b"},{"type":"function","name":"x"}]},
             {"type":"namespace","name":"{{far}}","tools":[{"type":"function","name":"one"},{"type":"function","name":"two"}]},
             {"type":"function","name":"a__x"}]
            """;

        var names = Asked($$"""{"input":"x","tools":{{tools}}}""")["tools"]!.AsArray().Select(NameOf).ToList();

        names.ShouldBeUnique();
        names.ForEach(name => name.ShouldMatch("^[A-Za-z0-9_-]{1,64}$"));
        (names[0], names[1], names[6]).ShouldBe(("a__b", "a__c_d", "a__x"));
        names.Select(name => ToldBack(name, $$"""{"tools":{{tools}}}""")).ShouldBe(
            ["a b", "a c d", "a__ b", "a__ x", $"{far} one", $"{far} two", " a__x"]);
    }

    [Fact]
    public void A_shortened_name_stays_while_other_tools_come_and_go()
    {
        var space = new string('a', 70);
        var tool = $$"""{"type":"namespace","name":"{{space}}","tools":[{"type":"function","name":"one"}]}""";

        var alone = Asked($$"""{"input":"x","tools":[{{tool}}]}""")["tools"]!.AsArray();
        var beside = Asked($$"""{"input":"x","tools":[{"type":"function","name":"two"},{{tool}}]}""")["tools"]!.AsArray();

        NameOf(beside[1]).ShouldBe(NameOf(alone[0]));
    }

    private static string Request => "{" + Tools + "}";

    private static JsonNode Asked(string body) => Translated.Request(Protocol.OpenAiResponses, Protocol.OpenAiChat, body);

    private static string NameOf(JsonNode? tool) => (string)tool!["function"]!["name"]!;

    private static string ToldBack(string name, string request)
    {
        var answer = Called.Replace("mcp__docs__search", name, StringComparison.Ordinal);
        var call = Translated.Answer(Protocol.OpenAiChat, Protocol.OpenAiResponses, answer, request)["output"]![0]!;
        return $"{(string?)call["namespace"]} {(string?)call["name"]}";
    }
}
