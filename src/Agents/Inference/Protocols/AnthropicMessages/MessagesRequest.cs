using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Requests of Anthropic's messages. Source: <c>MessageCreateParams</c> of the npm package <c>@anthropic-ai/sdk</c> 1.12.
/// </summary>
internal static class MessagesRequest
{
    /// <summary>Reads one; those that only ask to count tokens need no bound of output.</summary>
    public static ModelRequest Read(JsonElement body, bool isCount = false)
    {
        var (instructions, turns) = Messages(body);
        var choice = body.Object("tool_choice");
        var use = choice?.Text("type") switch
        {
            null or "auto" => ToolUse.Free,
            "any" => ToolUse.AtLeastOne,
            "tool" => ToolUse.Named,
            "none" => ToolUse.Never,
            var type => throw JsonMembers.Wrong($"'tool_choice' must not be '{type}'."),
        };
        return new ModelRequest
        {
            Instructions = instructions,
            Turns = turns,
            OutputTokensMax = isCount ? null : body.Whole("max_tokens") ?? throw JsonMembers.Wrong("'max_tokens' is missing."),
            Temperature = body.Number("temperature"),
            TopP = body.Number("top_p"),
            Stop = [.. body.Texts("stop_sequences")],
            IsStream = body.Flag("stream") ?? false,
            Tools = [.. body.Items("tools").Where(IsFunction).Select(Tool)],
            ToolUse = use,
            NamedTool = choice?.Text("name"),
            AllowsParallelTools = choice?.Flag("disable_parallel_tool_use") is { } disabled ? !disabled : null,
            Shape = Shape(body),
            User = body.Object("metadata")?.Text("user_id"),
        };
    }

    private static (IReadOnlyList<string> Instructions, IReadOnlyList<Turn> Turns) Messages(JsonElement body)
    {
        if (body.Member("messages") is null)
        {
            throw JsonMembers.Wrong("'messages' is missing.");
        }

        List<string> instructions = [.. TextsOf(body.Member("system"))];
        var turns = new TurnList();
        foreach (var message in body.Items("messages"))
        {
            switch (message.RequiredText("role"))
            {
                case "user":
                    turns.Add(Speaker.User, Parts(message.Member("content")));
                    break;
                case "assistant":
                    turns.Add(Speaker.Assistant, Parts(message.Member("content")));
                    break;
                case "system":
                    instructions.AddRange(TextsOf(message.Member("content")));
                    break;
                case var role:
                    throw JsonMembers.Wrong($"'role' must not be '{role}'.");
            }
        }

        return (instructions, turns.ToList());
    }

    private static IEnumerable<string> TextsOf(JsonElement? content) =>
        Parts(content).OfType<Content.Text>().Select(text => text.Value);

    private static IEnumerable<Content> Parts(JsonElement? content) => content switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } text => Text(text.GetString()!),
        { ValueKind: JsonValueKind.Array } blocks => blocks.EnumerateArray().SelectMany(Block),
        _ => throw JsonMembers.Wrong("'content' must be a string or a list."),
    };

    private static IEnumerable<Content> Text(string text) => text.Length == 0 ? [] : [new Content.Text(text)];

    private static IEnumerable<Content> Block(JsonElement block) => block.RequiredText("type") switch
    {
        "text" => Text(block.RequiredText("text")),
        "image" => [Image(block.Object("source") ?? throw JsonMembers.Wrong("'source' is missing."))],
        "document" => [Document(block, block.Object("source") ?? throw JsonMembers.Wrong("'source' is missing."))],
        "tool_use" =>
            [new Content.ToolCall(block.RequiredText("id"), block.RequiredText("name"), block.Member("input")?.GetRawText() ?? "{}")],
        "tool_result" =>
            [new Content.ToolResult(
                block.RequiredText("tool_use_id"), [.. Parts(block.Member("content"))], block.Flag("is_error") ?? false)],
        "thinking" => [new Content.Reasoning(block.RequiredText("thinking"), block.Text("signature"))],
        "redacted_thinking" => [],
        var type => throw JsonMembers.Unsupported($"Content of the type '{type}' cannot be sent to this model's provider."),
    };

    private static Content.Image Image(JsonElement source) => source.RequiredText("type") switch
    {
        "base64" => new Content.Image(source.RequiredText("media_type"), source.RequiredText("data")),
        "url" => new Content.Image(null, source.RequiredText("url")),
        _ => throw JsonMembers.Unsupported("A file kept at Anthropic cannot be sent to this model's provider: send its data."),
    };

    private static Content Document(JsonElement block, JsonElement source) => source.RequiredText("type") switch
    {
        "base64" => new Content.Document(source.RequiredText("media_type"), source.RequiredText("data"), block.Text("title")),
        "text" => new Content.Text(source.RequiredText("data")),
        "url" => new Content.Document(null, source.RequiredText("url"), block.Text("title")),
        _ => throw JsonMembers.Unsupported("This document cannot be sent to this model's provider: send its data."),
    };

    // Anthropic's own tools (web_search_20250305 …) run at Anthropic; elsewhere the model has none of them.
    private static bool IsFunction(JsonElement tool) => tool.Text("type") is null or "custom";

    private static ModelTool Tool(JsonElement tool) => new(
        tool.RequiredText("name"), tool.Text("description"), tool.Object("input_schema"), tool.Flag("strict"));

    private static OutputShape? Shape(JsonElement body)
    {
        var format = body.Object("output_config")?.Object("format") ?? body.Object("output_format");
        return format?.Object("schema") is { } schema ? new OutputShape(null, schema, null) : null;
    }
}
