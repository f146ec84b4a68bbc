using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Writes a request as Gemini's <c>generateContent</c>. Source: "Gemini API reference" v1beta, <c>GenerateContentRequest</c>,
/// <c>Content</c>, <c>Part</c>, <c>GenerationConfig</c>, <c>Tool</c>, <c>ToolConfig</c>.
/// </summary>
internal static class GeminiRequestWriter
{
    // "Thought signatures" of Gemini's guide: what to send with calls that another model made.
    private const string NoSignature = "skip_thought_signature_validator";
    private const string WantsSignatures = "gemini-3";

    /// <summary>Writes it.</summary>
    /// <param name="writer">Takes the body.</param>
    /// <param name="request">What to ask.</param>
    /// <param name="model">Gemini's name of the model.</param>
    public static void Write(Utf8JsonWriter writer, ModelRequest request, string model)
    {
        var names = request.Turns
            .SelectMany(turn => turn.Parts)
            .OfType<Content.ToolCall>()
            .GroupBy(call => call.Id, StringComparer.Ordinal)
            .ToDictionary(call => call.Key, call => call.First().Name, StringComparer.Ordinal);
        writer.WriteStartObject();
        if (request.Instructions.Count > 0)
        {
            writer.WriteStartObject("systemInstruction");
            writer.WriteStartArray("parts");
            foreach (var instruction in request.Instructions)
            {
                Text(writer, instruction);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteStartArray("contents");
        foreach (var turn in request.Turns)
        {
            Turn(writer, turn, names, model.Contains(WantsSignatures, StringComparison.Ordinal));
        }

        writer.WriteEndArray();
        Tools(writer, request);
        Generation(writer, request);
        writer.WriteEndObject();
    }

    private static void Turn(Utf8JsonWriter writer, Turn turn, Dictionary<string, string> names, bool wantsSignatures)
    {
        List<Content> parts = [.. turn.Parts.Where(part => part is not Content.Reasoning)];
        if (parts.Count == 0)
        {
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("role", turn.Speaker == Speaker.User ? "user" : "model");
        writer.WriteStartArray("parts");
        foreach (var part in parts)
        {
            Part(writer, part, names, wantsSignatures);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Part(Utf8JsonWriter writer, Content part, Dictionary<string, string> names, bool wantsSignatures)
    {
        switch (part)
        {
            case Content.Text text:
                Text(writer, text.Value);
                break;
            case Content.Image image:
                Blob(writer, image.MediaType, image.Source);
                break;
            case Content.Document document:
                Blob(writer, document.MediaType, document.Source);
                break;
            case Content.Audio audio:
                Blob(writer, $"audio/{audio.Format}", audio.Source);
                break;
            case Content.ToolCall call:
                writer.WriteStartObject();
                writer.WriteStartObject("functionCall");
                writer.WriteString("name", call.Name);
                writer.WritePropertyName("args");
                ToolInput.Write(writer, call.Arguments);
                writer.WriteEndObject();
                if ((GeminiCallId.SignatureOf(call.Id) ?? (wantsSignatures ? NoSignature : null)) is { } signature)
                {
                    writer.WriteString("thoughtSignature", signature);
                }

                writer.WriteEndObject();
                break;
            case Content.ToolResult result:
                Result(writer, result, names.GetValueOrDefault(result.CallId) ?? result.CallId);
                break;
        }
    }

    private static void Text(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("text", text);
        writer.WriteEndObject();
    }

    private static void Blob(Utf8JsonWriter writer, string? mediaType, string source)
    {
        writer.WriteStartObject();
        if (mediaType is null)
        {
            writer.WriteStartObject("fileData");
            writer.WriteString("fileUri", source);
        }
        else
        {
            writer.WriteStartObject("inlineData");
            writer.WriteString("mimeType", mediaType);
            writer.WriteString("data", source);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    // A result is an object there; text is told under the names that Gemini's guide uses. Pictures stand beside it.
    private static void Result(Utf8JsonWriter writer, Content.ToolResult result, string name)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("functionResponse");
        writer.WriteString("name", name);
        writer.WriteStartObject("response");
        writer.WriteString(
            result.IsError ? "error" : "result",
            string.Join('\n', result.Parts.OfType<Content.Text>().Select(text => text.Value)));
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        foreach (var image in result.Parts.OfType<Content.Image>())
        {
            Blob(writer, image.MediaType, image.Source);
        }
    }

    private static void Tools(Utf8JsonWriter writer, ModelRequest request)
    {
        if (request.Tools.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("tools");
        writer.WriteStartObject();
        writer.WriteStartArray("functionDeclarations");
        foreach (var tool in request.Tools)
        {
            writer.WriteStartObject();
            writer.WriteString("name", tool.Name);
            writer.WriteString("description", tool.Description ?? tool.Name);
            writer.WritePropertyName("parametersJsonSchema");
            ToolSchema.Write(writer, tool);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (request.ToolUse == ToolUse.Free)
        {
            return;
        }

        writer.WriteStartObject("toolConfig");
        writer.WriteStartObject("functionCallingConfig");
        writer.WriteString("mode", request.ToolUse == ToolUse.Never ? "NONE" : "ANY");
        if (request.ToolUse == ToolUse.Named)
        {
            writer.WriteStartArray("allowedFunctionNames");
            writer.WriteStringValue(request.NamedTool);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Generation(Utf8JsonWriter writer, ModelRequest request)
    {
        writer.WriteStartObject("generationConfig");
        if (request.OutputTokensMax is { } bound)
        {
            writer.WriteNumber("maxOutputTokens", bound);
        }

        if (request.Temperature is { } temperature)
        {
            writer.WriteNumber("temperature", temperature);
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

        if (request.Shape is { } shape)
        {
            writer.WriteString("responseMimeType", "application/json");
            if (shape.Schema is { } schema)
            {
                writer.WritePropertyName("responseJsonSchema");
                schema.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
