using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Writes a request as Anthropic's messages.</summary>
internal static class MessagesRequestWriter
{
    /// <summary>Writes it.</summary>
    /// <param name="writer">Takes the body.</param>
    /// <param name="request">What to ask.</param>
    /// <param name="model">Anthropic's name of the model.</param>
    /// <param name="outputTokensMax">The bound of the output where the client named none: Anthropic wants one.</param>
    public static void Write(Utf8JsonWriter writer, ModelRequest request, string model, long outputTokensMax)
    {
        writer.WriteStartObject();
        writer.WriteString("model", model);
        writer.WriteNumber("max_tokens", request.OutputTokensMax ?? outputTokensMax);
        System(writer, request);
        writer.WriteStartArray("messages");
        foreach (var turn in request.TurnsOfProvenThoughts())
        {
            Turn(writer, turn);
        }

        writer.WriteEndArray();

        // OpenAI's temperatures reach 2, Anthropic's 1; newer models refuse both ways to draw at once.
        if (request.Temperature is { } temperature)
        {
            writer.WriteNumber("temperature", Math.Min(temperature, 1));
        }
        else if (request.TopP is { } topP)
        {
            writer.WriteNumber("top_p", topP);
        }

        Stop(writer, request.Stop);
        Tools(writer, request);
        if (request.Shape?.Schema is { } schema)
        {
            writer.WriteStartObject("output_config");
            writer.WriteStartObject("format");
            writer.WriteString("type", "json_schema");
            writer.WritePropertyName("schema");
            MessagesSchema.Write(writer, schema);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        if (request.User is { Length: > 0 } user)
        {
            writer.WriteStartObject("metadata");
            writer.WriteString("user_id", EndUser.Told(user));
            writer.WriteEndObject();
        }

        if (request.IsStream)
        {
            writer.WriteBoolean("stream", true);
        }

        writer.WriteEndObject();
    }

    private static void System(Utf8JsonWriter writer, ModelRequest request)
    {
        IReadOnlyList<string> instructions = request.Shape is { Schema: null }
            ? [.. request.Instructions, OutputShape.InWords]
            : request.Instructions;
        if (instructions.All(instruction => instruction.Length == 0))
        {
            return;
        }

        writer.WriteStartArray("system");
        foreach (var instruction in instructions.Where(instruction => instruction.Length > 0))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "text");
            writer.WriteString("text", instruction);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    // Anthropic wants results of tools before whatever else the turn says.
    private static void Turn(Utf8JsonWriter writer, Turn turn)
    {
        writer.WriteStartObject();
        writer.WriteString("role", turn.Speaker == Speaker.User ? "user" : "assistant");
        writer.WriteStartArray("content");
        foreach (var part in turn.Parts.OrderBy(part => part is not Content.ToolResult || turn.Speaker != Speaker.User))
        {
            Block(writer, part);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Block(Utf8JsonWriter writer, Content part)
    {
        if (part is Content.Audio)
        {
            throw JsonMembers.Unsupported("Sound cannot be sent to this model's provider.");
        }

        writer.WriteStartObject();
        switch (part)
        {
            case Content.Text text:
                writer.WriteString("type", "text");
                writer.WriteString("text", text.Value);
                break;
            case Content.Image image:
                writer.WriteString("type", "image");
                Source(writer, image.MediaType, image.Source);
                break;
            case Content.Document document:
                writer.WriteString("type", "document");
                Source(writer, document.MediaType, document.Source);
                break;
            case Content.ToolCall call:
                writer.WriteString("type", "tool_use");
                writer.WriteString("id", call.Id);
                writer.WriteString("name", call.Name);
                writer.WritePropertyName("input");
                ToolInput.Write(writer, call.Arguments);
                break;
            case Content.ToolResult result:
                Result(writer, result);
                break;
            case Content.Reasoning reasoning:
                writer.WriteString("type", "thinking");
                writer.WriteString("thinking", reasoning.Value);
                writer.WriteString("signature", reasoning.Signature);
                break;
        }

        writer.WriteEndObject();
    }

    private static void Result(Utf8JsonWriter writer, Content.ToolResult result)
    {
        writer.WriteString("type", "tool_result");
        writer.WriteString("tool_use_id", result.CallId);
        writer.WriteStartArray("content");
        foreach (var part in result.Parts)
        {
            Block(writer, part);
        }

        writer.WriteEndArray();
        if (result.IsError)
        {
            writer.WriteBoolean("is_error", true);
        }
    }

    private static void Source(Utf8JsonWriter writer, string? mediaType, string source)
    {
        writer.WriteStartObject("source");
        writer.WriteString("type", mediaType is null ? "url" : "base64");
        if (mediaType is null)
        {
            writer.WriteString("url", source);
        }
        else
        {
            writer.WriteString("media_type", mediaType);
            writer.WriteString("data", source);
        }

        writer.WriteEndObject();
    }

    // Anthropic refuses sequences of nothing but white space.
    private static void Stop(Utf8JsonWriter writer, IReadOnlyList<string> stop)
    {
        var sequences = stop.Where(one => !string.IsNullOrWhiteSpace(one)).ToList();
        if (sequences.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("stop_sequences");
        foreach (var sequence in sequences)
        {
            writer.WriteStringValue(sequence);
        }

        writer.WriteEndArray();
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
            writer.WriteString("name", tool.Name);
            if (tool.Description is { } description)
            {
                writer.WriteString("description", description);
            }

            writer.WritePropertyName("input_schema");
            ToolSchema.Write(writer, tool);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (request.ToolUse == ToolUse.Free && request.AllowsParallelTools is null or true)
        {
            return;
        }

        writer.WriteStartObject("tool_choice");
        writer.WriteString("type", request.ToolUse switch
        {
            ToolUse.Never => "none",
            ToolUse.AtLeastOne => "any",
            ToolUse.Named => "tool",
            _ => "auto",
        });
        if (request.ToolUse == ToolUse.Named)
        {
            writer.WriteString("name", request.NamedTool);
        }

        if (request.AllowsParallelTools == false && request.ToolUse != ToolUse.Never)
        {
            writer.WriteBoolean("disable_parallel_tool_use", true);
        }

        writer.WriteEndObject();
    }
}
