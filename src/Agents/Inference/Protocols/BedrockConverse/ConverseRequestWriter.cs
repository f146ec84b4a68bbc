using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Writes a request as Bedrock's Converse. Source: "Amazon Bedrock API Reference", Converse, <c>Message</c>,
/// <c>ContentBlock</c>, <c>InferenceConfiguration</c>, <c>ToolConfiguration</c>, <c>OutputConfig</c>.
/// </summary>
internal static class ConverseRequestWriter
{
    /// <summary>Writes it.</summary>
    public static void Write(Utf8JsonWriter writer, ModelRequest request)
    {
        var names = new ConverseDocumentNames();
        writer.WriteStartObject();
        System(writer, request);
        writer.WriteStartArray("messages");
        foreach (var turn in request.TurnsOfProvenThoughts())
        {
            writer.WriteStartObject();
            writer.WriteString("role", turn.Speaker == Speaker.User ? "user" : "assistant");
            writer.WriteStartArray("content");
            foreach (var part in turn.Parts)
            {
                Part(writer, part, names);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        Inference(writer, request);
        Tools(writer, request);
        Shape(writer, request.Shape);
        writer.WriteEndObject();
    }

    private static void System(Utf8JsonWriter writer, ModelRequest request)
    {
        List<string> instructions = [.. request.Instructions.Where(instruction => instruction.Length > 0)];
        if (request.Shape is { Schema: null })
        {
            instructions.Add(OutputShape.InWords);
        }

        if (instructions.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("system");
        foreach (var instruction in instructions)
        {
            Text(writer, instruction);
        }

        writer.WriteEndArray();
    }

    private static void Part(Utf8JsonWriter writer, Content part, ConverseDocumentNames names)
    {
        switch (part)
        {
            case Content.Text text:
                Text(writer, text.Value);
                break;
            case Content.Image { MediaType: { } mediaType } image:
                Bytes(writer, "image", mediaType, image.Source, name: null);
                break;
            case Content.Document { MediaType: { } mediaType } document:
                Bytes(writer, "document", mediaType, document.Source, names.Next(document.Name));
                break;
            case Content.Reasoning reasoning:
                writer.WriteStartObject();
                writer.WriteStartObject("reasoningContent");
                writer.WriteStartObject("reasoningText");
                writer.WriteString("text", reasoning.Value);
                writer.WriteString("signature", reasoning.Signature);
                writer.WriteEndObject();
                writer.WriteEndObject();
                writer.WriteEndObject();
                break;
            case Content.ToolCall call:
                writer.WriteStartObject();
                writer.WriteStartObject("toolUse");
                writer.WriteString("toolUseId", call.Id);
                writer.WriteString("name", call.Name);
                writer.WritePropertyName("input");
                ToolInput.Write(writer, call.Arguments);
                writer.WriteEndObject();
                writer.WriteEndObject();
                break;
            case Content.ToolResult result:
                Result(writer, result, names);
                break;
            default:
                throw JsonMembers.Unsupported("Sound, and what stands behind an address, cannot be sent to this model's provider.");
        }
    }

    private static void Text(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("text", text);
        writer.WriteEndObject();
    }

    // The format is what stands behind the slash: png, jpeg, pdf.
    private static void Bytes(Utf8JsonWriter writer, string kind, string mediaType, string source, string? name)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(kind);
        writer.WriteString("format", mediaType == "text/plain" ? "txt" : mediaType[(mediaType.IndexOf('/') + 1)..]);
        if (name is not null)
        {
            writer.WriteString("name", name);
        }

        writer.WriteStartObject("source");
        writer.WriteString("bytes", source);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Result(Utf8JsonWriter writer, Content.ToolResult result, ConverseDocumentNames names)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("toolResult");
        writer.WriteString("toolUseId", result.CallId);
        writer.WriteStartArray("content");
        foreach (var part in result.Parts)
        {
            Part(writer, part, names);
        }

        writer.WriteEndArray();
        writer.WriteString("status", result.IsError ? "error" : "success");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Inference(Utf8JsonWriter writer, ModelRequest request)
    {
        writer.WriteStartObject("inferenceConfig");
        if (request.OutputTokensMax is { } bound)
        {
            writer.WriteNumber("maxTokens", bound);
        }

        if (request.Temperature is { } temperature)
        {
            writer.WriteNumber("temperature", Math.Min(temperature, 1));
        }

        if (request.TopP is { } topP)
        {
            writer.WriteNumber("topP", topP);
        }

        if (request.Stop.Count > 0)
        {
            writer.WriteStartArray("stopSequences");
            foreach (var stop in request.Stop)
            {
                writer.WriteStringValue(stop);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    // Nothing there forbids tools that are named: those not to be called are not sent, but for what earlier turns called.
    private static void Tools(Utf8JsonWriter writer, ModelRequest request)
    {
        var isCallable = request.Tools.Count > 0 && request.ToolUse != ToolUse.Never;
        var tools = isCallable ? request.Tools : Called(request);
        if (tools.Count == 0)
        {
            return;
        }

        writer.WriteStartObject("toolConfig");
        writer.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("toolSpec");
            writer.WriteString("name", tool.Name);
            writer.WriteString("description", tool.Description ?? tool.Name);
            writer.WriteStartObject("inputSchema");
            writer.WritePropertyName("json");
            ToolSchema.Write(writer, tool);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (isCallable && request.ToolUse != ToolUse.Free)
        {
            writer.WriteStartObject("toolChoice");
            writer.WriteStartObject(request.ToolUse == ToolUse.Named ? "tool" : "any");
            if (request.ToolUse == ToolUse.Named)
            {
                writer.WriteString("name", request.NamedTool);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    // "The toolConfig field must be defined when using toolUse and toolResult content blocks", else it refuses.
    private static IReadOnlyList<ModelTool> Called(ModelRequest request) =>
    [
        .. request.Turns
            .SelectMany(turn => turn.Parts)
            .OfType<Content.ToolCall>()
            .Select(call => call.Name)
            .Distinct(StringComparer.Ordinal)
            .Select(name => new ModelTool(name, null, null, null)),
    ];

    // The schema is text there. Any object is asked for in words, with the instructions.
    private static void Shape(Utf8JsonWriter writer, OutputShape? shape)
    {
        if (shape?.Schema is not { } schema)
        {
            return;
        }

        writer.WriteStartObject("outputConfig");
        writer.WriteStartObject("textFormat");
        writer.WriteString("type", "json_schema");
        writer.WriteStartObject("structure");
        writer.WriteStartObject("jsonSchema");
        if (shape.Name is { Length: > 0 } name)
        {
            writer.WriteString("name", name);
        }

        if (shape.Description is { Length: > 0 } description)
        {
            writer.WriteString("description", description);
        }

        writer.WriteString("schema", schema.GetRawText());
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
