using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Writes a request as OpenAI's chat completions, for the many providers that speak it.</summary>
internal static class ChatRequestWriter
{
    /// <summary>Writes it.</summary>
    /// <param name="writer">Takes the body.</param>
    /// <param name="request">What to ask.</param>
    /// <param name="model">The provider's name of the model.</param>
    /// <param name="isOpenAi">Whether it goes to OpenAI itself, whose newer models know only the newer names.</param>
    public static void Write(Utf8JsonWriter writer, ModelRequest request, string model, bool isOpenAi)
    {
        writer.WriteStartObject();
        writer.WriteString("model", model);
        Messages(writer, request, isOpenAi);
        if (request.OutputTokensMax is { } bound)
        {
            writer.WriteNumber(isOpenAi ? "max_completion_tokens" : "max_tokens", bound);
        }

        Number(writer, "temperature", request.Temperature);
        Number(writer, "top_p", request.TopP);
        if (request.Stop.Count > 0)
        {
            writer.WriteStartArray("stop");
            foreach (var stop in request.Stop)
            {
                writer.WriteStringValue(stop);
            }

            writer.WriteEndArray();
        }

        Tools(writer, request);
        Shape(writer, request.Shape);
        if (request.User is { Length: > 0 } user)
        {
            writer.WriteString("user", EndUser.Told(user));
        }

        if (request.IsStream)
        {
            writer.WriteBoolean("stream", true);
            writer.WriteStartObject("stream_options");
            writer.WriteBoolean("include_usage", true);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void Messages(Utf8JsonWriter writer, ModelRequest request, bool isOpenAi)
    {
        writer.WriteStartArray("messages");
        foreach (var instruction in request.Instructions)
        {
            writer.WriteStartObject();
            writer.WriteString("role", "system");
            writer.WriteString("content", instruction);
            writer.WriteEndObject();
        }

        foreach (var turn in request.Turns)
        {
            if (turn.Speaker == Speaker.User)
            {
                User(writer, turn.Parts);
            }
            else
            {
                Assistant(writer, turn.Parts, isOpenAi);
            }
        }

        writer.WriteEndArray();
    }

    // Results of tools are messages of their own, and stand before whatever else the user says.
    private static void User(Utf8JsonWriter writer, IReadOnlyList<Content> parts)
    {
        foreach (var result in parts.OfType<Content.ToolResult>())
        {
            writer.WriteStartObject();
            writer.WriteString("role", "tool");
            writer.WriteString("tool_call_id", result.CallId);
            writer.WriteString("content", string.Join('\n', result.Parts.OfType<Content.Text>().Select(text => text.Value)));
            writer.WriteEndObject();
        }

        // A tool's message holds text only; pictures a tool gave follow as if the user showed them.
        List<Content> said =
        [
            .. parts.OfType<Content.ToolResult>().SelectMany(result => result.Parts).Where(part => part is not Content.Text),
            .. parts.Where(part => part is not Content.ToolResult),
        ];
        if (said.Count == 0)
        {
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("role", "user");
        if (said is [Content.Text only])
        {
            writer.WriteString("content", only.Value);
        }
        else
        {
            writer.WriteStartArray("content");
            foreach (var part in said)
            {
                Part(writer, part);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void Part(Utf8JsonWriter writer, Content part)
    {
        writer.WriteStartObject();
        switch (part)
        {
            case Content.Text text:
                writer.WriteString("type", "text");
                writer.WriteString("text", text.Value);
                break;
            case Content.Image image:
                writer.WriteString("type", "image_url");
                writer.WriteStartObject("image_url");
                writer.WriteString("url", image.DataUrl);
                writer.WriteEndObject();
                break;
            case Content.Audio audio:
                writer.WriteString("type", "input_audio");
                writer.WriteStartObject("input_audio");
                writer.WriteString("data", audio.Source);
                writer.WriteString("format", audio.Format);
                writer.WriteEndObject();
                break;
            case Content.Document { MediaType: { } mediaType } document:
                writer.WriteString("type", "file");
                writer.WriteStartObject("file");
                writer.WriteString("filename", document.Name ?? "document");
                writer.WriteString("file_data", $"data:{mediaType};base64,{document.Source}");
                writer.WriteEndObject();
                break;
            default:
                throw JsonMembers.Unsupported("A document behind an address cannot be sent to this model's provider: send its data.");
        }

        writer.WriteEndObject();
    }

    private static void Assistant(Utf8JsonWriter writer, IReadOnlyList<Content> parts, bool isOpenAi)
    {
        var calls = parts.OfType<Content.ToolCall>().ToList();
        var text = string.Concat(parts.OfType<Content.Text>().Select(part => part.Value));
        if (calls.Count == 0 && text.Length == 0)
        {
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("role", "assistant");
        if (text.Length > 0)
        {
            writer.WriteString("content", text);
        }
        else
        {
            writer.WriteNull("content");
        }

        if (!isOpenAi)
        {
            Thoughts(writer, parts);
        }

        if (calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (var call in calls)
            {
                writer.WriteStartObject();
                writer.WriteString("id", call.Id);
                writer.WriteString("type", "function");
                writer.WriteStartObject("function");
                writer.WriteString("name", call.Name);
                writer.WriteString("arguments", call.Arguments);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    // DeepSeek and Kimi refuse calls of tools without the thoughts before them. Those that a vendor proves are that vendor's,
    // and OpenAI itself has no place for any.
    private static void Thoughts(Utf8JsonWriter writer, IReadOnlyList<Content> parts)
    {
        foreach (var thoughts in parts.OfType<Content.Reasoning>().GroupBy(ThoughtMark.MemberOf, StringComparer.Ordinal))
        {
            if (thoughts.Key is { } member && string.Concat(thoughts.Select(thought => thought.Value)) is { Length: > 0 } text)
            {
                writer.WriteString(member, text);
            }
        }
    }

    private static void Tools(Utf8JsonWriter writer, ModelRequest request)
    {
        if (request.Tools.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("tools");
        foreach (var tool in request.Tools)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "function");
            writer.WriteStartObject("function");
            writer.WriteString("name", tool.Name);
            if (tool.Description is { } description)
            {
                writer.WriteString("description", description);
            }

            writer.WritePropertyName("parameters");
            ToolSchema.Write(writer, tool);
            if (tool.IsStrict is { } isStrict)
            {
                writer.WriteBoolean("strict", isStrict);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        Choice(writer, request);
    }

    private static void Choice(Utf8JsonWriter writer, ModelRequest request)
    {
        switch (request.ToolUse)
        {
            case ToolUse.Never:
                writer.WriteString("tool_choice", "none");
                break;
            case ToolUse.AtLeastOne:
                writer.WriteString("tool_choice", "required");
                break;
            case ToolUse.Named:
                writer.WriteStartObject("tool_choice");
                writer.WriteString("type", "function");
                writer.WriteStartObject("function");
                writer.WriteString("name", request.NamedTool);
                writer.WriteEndObject();
                writer.WriteEndObject();
                break;
        }

        if (request.AllowsParallelTools is { } allows)
        {
            writer.WriteBoolean("parallel_tool_calls", allows);
        }
    }

    private static void Shape(Utf8JsonWriter writer, OutputShape? shape)
    {
        if (shape is null)
        {
            return;
        }

        writer.WriteStartObject("response_format");
        writer.WriteString("type", shape.Schema is null ? "json_object" : "json_schema");
        if (shape.Schema is { } schema)
        {
            writer.WriteStartObject("json_schema");
            writer.WriteString("name", shape.Name ?? "answer");
            writer.WritePropertyName("schema");
            schema.WriteTo(writer);
            if (shape.IsStrict is { } isStrict)
            {
                writer.WriteBoolean("strict", isStrict);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }
}
