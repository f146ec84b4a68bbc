using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Requests of OpenAI's responses. Source: <c>ResponseCreateParams</c> and <c>ResponseInputItem</c> of the npm package
/// <c>openai</c> 6. Only what stands in the request itself can be sent to another vendor: not what OpenAI keeps.
/// </summary>
internal static class ResponsesRequest
{
    public static ModelRequest Read(JsonElement body)
    {
        if (body.Member("previous_response_id") is not null || body.Member("conversation") is not null)
        {
            throw JsonMembers.Unsupported("This model's provider keeps no earlier responses: send the whole conversation as 'input'.");
        }

        var names = ToolNames.Of(body);
        var (instructions, turns) = Input(body, names);
        var (use, named) = ToolChoice(body, names);
        return new ModelRequest
        {
            Instructions = instructions,
            Turns = turns,
            OutputTokensMax = body.Whole("max_output_tokens"),
            Temperature = body.Number("temperature"),
            TopP = body.Number("top_p"),
            IsStream = body.Flag("stream") ?? false,
            Tools = [.. ToolNames.Declared(body).Select(one => Tool(one.Tool, one.Namespace, names))],
            ToolUse = use,
            NamedTool = named,
            AllowsParallelTools = body.Flag("parallel_tool_calls"),
            Shape = body.Object("text")?.Object("format") is { } format ? Shape(format) : null,
            User = body.Text("safety_identifier") ?? body.Text("user"),
        };
    }

    private static (IReadOnlyList<string> Instructions, IReadOnlyList<Turn> Turns) Input(JsonElement body, ToolNames names)
    {
        var instructions = new List<string>();
        if (body.Text("instructions") is { Length: > 0 } given)
        {
            instructions.Add(given);
        }

        var turns = new TurnList();
        if (body.Member("input") is { ValueKind: JsonValueKind.String } text)
        {
            turns.Add(Speaker.User, new Content.Text(text.GetString()!));
            return (instructions, turns.ToList());
        }

        foreach (var item in body.Items("input"))
        {
            Item(item, instructions, turns, names);
        }

        return (instructions, turns.ToList());
    }

    private static void Item(JsonElement item, List<string> instructions, TurnList turns, ToolNames names)
    {
        switch (item.Text("type") ?? "message")
        {
            case "message":
                Message(item, instructions, turns);
                break;
            case "function_call":
                turns.Add(Speaker.Assistant, new Content.ToolCall(
                    item.RequiredText("call_id"), Name(item, names), item.Text("arguments") is { Length: > 0 } json ? json : "{}"));
                break;
            case "custom_tool_call":
                turns.Add(Speaker.Assistant, new Content.ToolCall(
                    item.RequiredText("call_id"), Name(item, names), ChatRequest.Freeform(item.Text("input") ?? "")));
                break;
            case "function_call_output" or "custom_tool_call_output":
                turns.Add(
                    Speaker.User, new Content.ToolResult(item.RequiredText("call_id"), [.. Parts(item.Member("output"))], IsError: false));
                break;
            case "reasoning":
                turns.Add(Speaker.Assistant, Thoughts(item));
                break;
            case var type:
                throw JsonMembers.Unsupported($"Input of the type '{type}' cannot be sent to this model's provider.");
        }
    }

    // What is sealed by OpenAI no other vendor can open; the text of what is not can be sent back to whoever thought it.
    private static IEnumerable<Content> Thoughts(JsonElement item)
    {
        var mark = item.Text("encrypted_content");
        return ThoughtMark.IsOne(mark)
            ? item.Items("summary").Select(part => part.Text("text") ?? "").Where(text => text.Length > 0)
                .Select(text => new Content.Reasoning(text, mark))
            : [];
    }

    private static void Message(JsonElement item, List<string> instructions, TurnList turns)
    {
        var parts = Parts(item.Member("content")).ToList();
        switch (item.RequiredText("role"))
        {
            case "system" or "developer":
                instructions.AddRange(parts.OfType<Content.Text>().Select(text => text.Value));
                break;
            case "user":
                turns.Add(Speaker.User, parts);
                break;
            case "assistant":
                turns.Add(Speaker.Assistant, parts);
                break;
            case var role:
                throw JsonMembers.Wrong($"'role' must not be '{role}'.");
        }
    }

    private static IEnumerable<Content> Parts(JsonElement? content) => content switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } text => Text(text.GetString()!),
        { ValueKind: JsonValueKind.Array } parts => parts.EnumerateArray().SelectMany(Part),
        _ => throw JsonMembers.Wrong("'content' must be a string or a list."),
    };

    private static IEnumerable<Content> Text(string text) => text.Length == 0 ? [] : [new Content.Text(text)];

    private static IEnumerable<Content> Part(JsonElement part) => part.RequiredText("type") switch
    {
        "input_text" or "output_text" or "text" => Text(part.RequiredText("text")),
        "refusal" => Text(part.RequiredText("refusal")),
        "input_image" when part.Text("image_url") is { } url => [ChatRequest.Image(url)],
        "input_file" when part.Text("file_url") is { } url => [new Content.Document(null, url, part.Text("filename"))],
        "input_file" => [ChatRequest.File(part)],
        "input_audio" when part.Object("input_audio") is { } audio =>
            [new Content.Audio(audio.RequiredText("format"), audio.RequiredText("data"))],
        var type => throw JsonMembers.Unsupported($"Content of the type '{type}' cannot be sent to this model's provider."),
    };

    private static ModelTool Tool(JsonElement tool, string? space, ToolNames names)
    {
        var name = names.Sent(space, tool.RequiredText("name"));
        return tool.Text("type") == "custom"
            ? new ModelTool(name, tool.Text("description"), null, null, IsFreeform: true)
            : new ModelTool(name, tool.Text("description"), tool.Object("parameters"), tool.Flag("strict"));
    }

    private static string Name(JsonElement call, ToolNames names) => names.Sent(call.Text("namespace"), call.RequiredText("name"));

    private static (ToolUse Use, string? Named) ToolChoice(JsonElement body, ToolNames names) => body.Member("tool_choice") switch
    {
        null => (ToolUse.Free, null),
        { ValueKind: JsonValueKind.String } word => (ChatRequest.Use(word.GetString()!), null),
        { ValueKind: JsonValueKind.Object } choice when choice.Text("type") is "function" or "custom" =>
            (ToolUse.Named, names.Chosen(choice.Text("namespace"), choice.RequiredText("name"))),
        { ValueKind: JsonValueKind.Object } choice when choice.Text("type") == "allowed_tools" =>
            (ChatRequest.Use(choice.Text("mode") ?? "auto"), null),
        _ => throw JsonMembers.Unsupported("This 'tool_choice' cannot be sent to this model's provider."),
    };

    private static OutputShape? Shape(JsonElement format) => format.RequiredText("type") switch
    {
        "text" => null,
        "json_object" => new OutputShape(null, null, null),
        "json_schema" => new OutputShape(
            format.Text("name"), format.Object("schema"), format.Flag("strict"), format.Text("description")),
        var type => throw JsonMembers.Wrong($"'text.format' must not be '{type}'."),
    };
}
