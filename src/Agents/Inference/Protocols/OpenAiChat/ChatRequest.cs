using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Requests of OpenAI's chat completions. Source: <c>CreateChatCompletionRequest</c> in OpenAI's published OpenAPI
/// document, and the types of the npm package <c>openai</c> 6.
/// </summary>
internal static class ChatRequest
{
    public static ModelRequest Read(JsonElement body)
    {
        if (body.Whole("n") is > 1)
        {
            throw JsonMembers.Unsupported("'n' must be 1: this model gives one answer at a time.");
        }

        var (instructions, turns) = Messages(body);
        var (use, named) = ToolChoice(body);
        return new ModelRequest
        {
            Instructions = instructions,
            Turns = turns,
            OutputTokensMax = body.Whole("max_completion_tokens") ?? body.Whole("max_tokens"),
            Temperature = body.Number("temperature"),
            TopP = body.Number("top_p"),
            Stop = Stop(body),
            IsStream = body.Flag("stream") ?? false,
            Tools = [.. body.Items("tools").Select(Tool)],
            ToolUse = use,
            NamedTool = named,
            AllowsParallelTools = body.Flag("parallel_tool_calls"),
            Shape = body.Object("response_format") is { } format ? Shape(format) : null,
            User = body.Text("safety_identifier") ?? body.Text("user"),
        };
    }

    private static (IReadOnlyList<string> Instructions, IReadOnlyList<Turn> Turns) Messages(JsonElement body)
    {
        if (body.Member("messages") is null)
        {
            throw JsonMembers.Wrong("'messages' is missing.");
        }

        var instructions = new List<string>();
        var turns = new TurnList();
        foreach (var message in body.Items("messages"))
        {
            switch (message.RequiredText("role"))
            {
                case "system" or "developer":
                    instructions.Add(string.Concat(Parts(message).OfType<Content.Text>().Select(text => text.Value)));
                    break;
                case "user":
                    turns.Add(Speaker.User, Parts(message));
                    break;
                case "assistant":
                    turns.Add(Speaker.Assistant, Parts(message));
                    turns.Add(Speaker.Assistant, message.Items("tool_calls").Select(ToolCall));
                    break;
                case "tool":
                    turns.Add(
                        Speaker.User,
                        new Content.ToolResult(message.RequiredText("tool_call_id"), [.. Parts(message)], IsError: false));
                    break;
                case var role:
                    throw JsonMembers.Unsupported($"The role '{role}' is not known to this model's provider.");
            }
        }

        return (instructions, turns.ToList());
    }

    private static IEnumerable<Content> Parts(JsonElement message) => message.Member("content") switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } text => Text(text.GetString()!),
        { ValueKind: JsonValueKind.Array } parts => parts.EnumerateArray().SelectMany(Part),
        _ => throw JsonMembers.Wrong("'content' must be a string or a list."),
    };

    private static IEnumerable<Content> Text(string text) => text.Length == 0 ? [] : [new Content.Text(text)];

    private static IEnumerable<Content> Part(JsonElement part) => part.RequiredText("type") switch
    {
        "text" => Text(part.RequiredText("text")),
        "refusal" => Text(part.RequiredText("refusal")),
        "image_url" => [Image(part.Object("image_url")?.RequiredText("url") ?? throw JsonMembers.Wrong("'image_url' is missing."))],
        "input_audio" when part.Object("input_audio") is { } audio =>
            [new Content.Audio(audio.RequiredText("format"), audio.RequiredText("data"))],
        "file" when part.Object("file") is { } file => [File(file)],
        var type => throw JsonMembers.Unsupported($"Content of the type '{type}' cannot be sent to this model's provider."),
    };

    public static Content Image(string url)
    {
        var (mediaType, source) = JsonMembers.Source(url);
        return new Content.Image(mediaType, source);
    }

    public static Content File(JsonElement file)
    {
        if (file.Text("file_data") is not { } data)
        {
            throw JsonMembers.Unsupported("A file kept at OpenAI cannot be sent to this model's provider: send its data.");
        }

        var (mediaType, source) = JsonMembers.Source(data);
        return new Content.Document(mediaType ?? "application/pdf", source, file.Text("filename"));
    }

    private static Content ToolCall(JsonElement call)
    {
        var id = call.RequiredText("id");
        if (call.Object("custom") is { } custom)
        {
            return new Content.ToolCall(id, custom.RequiredText("name"), Freeform(custom.Text("input") ?? ""));
        }

        return call.Object("function") is { } function
            ? new Content.ToolCall(id, function.RequiredText("name"), function.Text("arguments") is { Length: > 0 } json ? json : "{}")
            : throw JsonMembers.Wrong("A tool call must have a 'function'.");
    }

    /// <summary>The arguments of a tool that takes text, where only JSON can be sent.</summary>
    public static string Freeform(string input) =>
        JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["input"] = input });

    private static ModelTool Tool(JsonElement tool)
    {
        if (tool.Object("function") is { } function)
        {
            return new ModelTool(
                function.RequiredText("name"), function.Text("description"), function.Object("parameters"), function.Flag("strict"));
        }

        return tool.Object("custom") is { } custom
            ? new ModelTool(custom.RequiredText("name"), custom.Text("description"), null, null, IsFreeform: true)
            : throw JsonMembers.Unsupported($"Tools of the type '{tool.Text("type")}' are OpenAI's own.");
    }

    private static (ToolUse Use, string? Named) ToolChoice(JsonElement body) => body.Member("tool_choice") switch
    {
        null => (ToolUse.Free, null),
        { ValueKind: JsonValueKind.String } word => (Use(word.GetString()!), null),
        { ValueKind: JsonValueKind.Object } choice when choice.Object("function") is { } function =>
            (ToolUse.Named, function.RequiredText("name")),
        { ValueKind: JsonValueKind.Object } choice when choice.Object("allowed_tools") is { } allowed =>
            (Use(allowed.Text("mode") ?? "auto"), null),
        _ => throw JsonMembers.Unsupported("This 'tool_choice' cannot be sent to this model's provider."),
    };

    public static ToolUse Use(string word) => word switch
    {
        "auto" => ToolUse.Free,
        "none" => ToolUse.Never,
        "required" => ToolUse.AtLeastOne,
        _ => throw JsonMembers.Wrong($"'tool_choice' must not be '{word}'."),
    };

    private static List<string> Stop(JsonElement body) => body.Member("stop") switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String) =>
            [.. body.Texts("stop")],
        _ => throw JsonMembers.Wrong("'stop' must be text or a list of texts."),
    };

    private static OutputShape? Shape(JsonElement format) => format.RequiredText("type") switch
    {
        "text" => null,
        "json_object" => new OutputShape(null, null, null),
        "json_schema" when format.Object("json_schema") is { } schema =>
            new OutputShape(schema.Text("name"), schema.Object("schema"), schema.Flag("strict"), schema.Text("description")),
        var type => throw JsonMembers.Wrong($"'response_format' must not be '{type}'."),
    };
}
