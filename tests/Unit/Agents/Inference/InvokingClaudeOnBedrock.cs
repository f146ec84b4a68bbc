using System.Text;
using System.Text.Json.Nodes;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// What Bedrock's InvokeModel is sent of a request of Anthropic's messages. The flags are those of the "Amazon Bedrock User
/// Guide", Anthropic Claude Messages API, and those that Claude Code sends to Anthropic.
/// </summary>
public sealed class InvokingClaudeOnBedrock
{
    [Fact]
    public void The_address_names_the_model_and_the_body_the_version()
    {
        Invoked("""
            {"model":"m","stream":true,"anthropic_version":"2023-06-01","max_tokens":9,"messages":[],"thinking":{"type":"adaptive"}}
            """).ShouldSay("""{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[],"thinking":{"type":"adaptive"}}""");
    }

    [Fact]
    public void Only_flags_that_are_known_there_go_into_the_body()
    {
        var said = Invoked(
            """{"messages":[]}""",
            "claude-code-20250219, context-1m-2025-08-07,oauth-2025-04-20,fast-mode-2026-02-01",
            "interleaved-thinking-2025-05-14,prompt-caching-scope-2026-01-05,context-1m-2025-08-07");

        said["anthropic_beta"].ShouldSay("""["context-1m-2025-08-07","interleaved-thinking-2025-05-14"]""");
    }

    [Theory]
    [InlineData("""["claude-code-20250219","effort-2025-11-24",7]""")]
    [InlineData("\"claude-code-20250219, effort-2025-11-24\"")]
    public void Flags_in_the_body_go_before_those_of_the_header_and_are_looked_at_alike(string flags)
    {
        var said = Invoked($$"""{"anthropic_beta":{{flags}},"messages":[]}""", "context-1m-2025-08-07");

        said["anthropic_beta"].ShouldSay("""["effort-2025-11-24"]""");
    }

    [Fact]
    public void Where_no_flag_is_left_none_are_named()
    {
        Invoked("""{"anthropic_beta":["oauth-2025-04-20"],"messages":[]}""")
            .ShouldSay("""{"anthropic_version":"bedrock-2023-05-31","messages":[]}""");
    }

    [Fact]
    public void Tools_lose_what_only_Anthropic_knows()
    {
        const string body = """
            {"messages":[],"tools":[{"name":"a","defer_loading":true,"eager_input_streaming":true,
              "cache_control":{"type":"ephemeral","scope":"global"},
              "input_schema":{"type":"object","properties":{"defer_loading":{"type":"string"},"cache_control":{"scope":"x"}}}}]}
            """;

        Invoked(body)["tools"].ShouldSay("""
            [{"name":"a","cache_control":{"type":"ephemeral"},
              "input_schema":{"type":"object","properties":{"defer_loading":{"type":"string"},"cache_control":{"scope":"x"}}}}]
            """);
    }

    [Fact]
    public void Tools_can_be_deferred_where_they_can_be_searched()
    {
        var said = Invoked(
            """{"messages":[],"tools":[{"name":"a","defer_loading":true,"eager_input_streaming":true}]}""", "tool-search-tool-2025-10-19");

        said["tools"].ShouldSay("""[{"name":"a","defer_loading":true}]""");
    }

    [Fact]
    public void Marks_of_a_cache_say_nothing_of_who_shares_it()
    {
        var said = Invoked("""
            {"cache_control":{"type":"ephemeral","scope":"global"},
             "system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h","scope":"global"}}],
             "messages":[{"role":"user","content":[
               {"type":"tool_result","tool_use_id":"t","content":[
                 {"type":"text","text":"x","cache_control":{"type":"ephemeral","scope":"global"}}]},
               {"type":"document","source":{"type":"content","content":[
                 {"type":"text","text":"y","cache_control":{"type":"ephemeral","scope":"global"}}]}}]}]}
            """);

        said.ShouldSay("""
            {"anthropic_version":"bedrock-2023-05-31","cache_control":{"type":"ephemeral"},
             "system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}],
             "messages":[{"role":"user","content":[
               {"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}]},
               {"type":"document","source":{"type":"content","content":[
                 {"type":"text","text":"y","cache_control":{"type":"ephemeral"}}]}}]}]}
            """);
    }

    [Fact]
    public void What_a_tool_was_given_goes_as_it_is()
    {
        const string body = """
            {"system":"s","messages":[{"role":"user","content":"x"},{"role":"assistant","content":[
              {"type":"tool_use","id":"t","name":"a","input":{"cache_control":{"scope":"global"},"content":[{"defer_loading":true}]}}]}]}
            """;

        var said = Invoked(body);

        (said["system"]!, said["messages"]!).ShouldSatisfyAllConditions(
            it => it.Item1.GetValue<string>().ShouldBe("s"),
            it => it.Item2.ToJsonString().ShouldBe(JsonNode.Parse(body)!["messages"]!.ToJsonString()));
    }

    [Theory]
    [InlineData("""{"messages":[]}""", 1)]
    [InlineData("""{"messages":[],"max_tokens":9}""", 9)]
    public void A_count_bounds_the_output_as_an_invocation_must(string body, int expected)
    {
        var said = JsonNode.Parse(ClaudeInvocation.Body(Encoding.UTF8.GetBytes(body), [], isCount: true).Span)!;

        said["max_tokens"]!.GetValue<int>().ShouldBe(expected);
    }

    private static JsonNode Invoked(string body, params string[] betas) =>
        JsonNode.Parse(ClaudeInvocation.Body(Encoding.UTF8.GetBytes(body), betas).Span)!;
}
