using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Pieces that plain and streamed answers of OpenAI's responses share.</summary>
/// <param name="request">The request, parts of which its answer repeats.</param>
/// <param name="createdAt">When it was asked.</param>
internal sealed class ResponsesFormat(JsonElement request, DateTimeOffset createdAt)
{
    private static readonly string[] Repeated =
        ["instructions", "max_output_tokens", "metadata", "temperature", "top_p", "text", "reasoning", "user"];

    private readonly ToolNames names = ToolNames.Of(request);

    /// <summary>Whether a tool takes text instead of JSON.</summary>
    public bool IsFreeform(Piece call) => names.IsFreeform(call.Name!);

    /// <summary>What the client knows the called tool by.</summary>
    public (string? Namespace, string Name) NameOf(Piece call) => names.Told(call.Name!);

    /// <summary>A <c>Response</c>, whole or as far as it is known.</summary>
    public void Response(Utf8JsonWriter json, GatheredAnswer answer, string status, (string Code, string Message)? error = null)
    {
        var isIncomplete = status == "incomplete";
        json.WriteStartObject();
        json.WriteString("id", answer.Id);
        json.WriteString("object", "response");
        json.WriteNumber("created_at", createdAt.ToUnixTimeSeconds());
        json.WriteString("status", status);
        Error(json, error);
        json.WritePropertyName("incomplete_details");
        if (isIncomplete)
        {
            json.WriteStartObject();
            json.WriteString("reason", answer.Reason == FinishReason.Length ? "max_output_tokens" : "content_filter");
            json.WriteEndObject();
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteString("model", answer.Model);
        json.WriteStartArray("output");
        if (status is not "in_progress")
        {
            foreach (var (index, piece) in answer.Pieces.Index())
            {
                Item(json, piece, IdOf(answer, index), isIncomplete ? "incomplete" : "completed");
            }
        }

        json.WriteEndArray();
        Echo(json);
        json.WritePropertyName("usage");
        if (status is "in_progress")
        {
            json.WriteNullValue();
        }
        else
        {
            Usage(json, answer.Usage);
        }

        json.WriteEndObject();
    }

    /// <summary>The id of an item: a response's items are counted.</summary>
    public static string IdOf(GatheredAnswer answer, int index)
    {
        var prefix = answer.Pieces[index].Kind switch
        {
            PieceKind.Text => "msg",
            PieceKind.Reasoning => "rs",
            _ => "fc",
        };
        return $"{prefix}_{answer.Id}_{index}";
    }

    /// <summary>An item of the output.</summary>
    public void Item(Utf8JsonWriter json, Piece piece, string id, string status)
    {
        var isBegun = status == "in_progress";
        json.WriteStartObject();
        json.WriteString("id", id);
        switch (piece.Kind)
        {
            case PieceKind.Text:
                json.WriteString("type", "message");
                json.WriteString("status", status);
                json.WriteString("role", "assistant");
                json.WriteStartArray("content");
                if (!isBegun)
                {
                    TextPart(json, piece.Value.ToString());
                }

                json.WriteEndArray();
                break;
            case PieceKind.Reasoning:
                json.WriteString("type", "reasoning");
                json.WriteStartArray("summary");
                if (!isBegun)
                {
                    SummaryPart(json, piece.Value.ToString());
                }

                json.WriteEndArray();
                if (piece.Signature is { } mark)
                {
                    json.WriteString("encrypted_content", mark);
                }

                break;
            default:
                var isText = IsFreeform(piece);
                json.WriteString("type", isText ? "custom_tool_call" : "function_call");
                json.WriteString("status", status);
                json.WriteString("call_id", piece.Id);
                var (space, name) = NameOf(piece);
                json.WriteString("name", name);
                if (space is not null)
                {
                    json.WriteString("namespace", space);
                }

                json.WriteString(isText ? "input" : "arguments", isBegun ? "" : isText ? InputOf(piece) : piece.Value.ToString());
                break;
        }

        json.WriteEndObject();
    }

    /// <summary>The text a model wrote for a tool that takes text.</summary>
    public static string InputOf(Piece call)
    {
        try
        {
            using var arguments = JsonDocument.Parse(call.Value.ToString());
            return arguments.RootElement.Member("input") is { ValueKind: JsonValueKind.String } input
                ? input.GetString()!
                : call.Value.ToString();
        }
        catch (JsonException)
        {
            return call.Value.ToString();
        }
    }

    public static void TextPart(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "output_text");
        json.WriteString("text", text);
        json.WriteStartArray("annotations");
        json.WriteEndArray();
        json.WriteStartArray("logprobs");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void SummaryPart(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "summary_text");
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    private static void Usage(Utf8JsonWriter json, ModelUsage usage)
    {
        json.WriteStartObject();
        json.WriteNumber("input_tokens", usage.AllInputTokens);
        json.WriteStartObject("input_tokens_details");
        json.WriteNumber("cached_tokens", usage.CachedReadTokens + usage.AudioCachedReadTokens);
        if (usage.CachedWriteTokens + usage.CachedWriteHourTokens is > 0 and var written)
        {
            json.WriteNumber("cache_write_tokens", written);
        }

        json.WriteEndObject();
        json.WriteNumber("output_tokens", usage.AllOutputTokens);
        json.WriteStartObject("output_tokens_details");
        json.WriteNumber("reasoning_tokens", usage.ReasoningTokens);
        json.WriteEndObject();
        json.WriteNumber("total_tokens", usage.AllInputTokens + usage.AllOutputTokens);
        json.WriteEndObject();
    }

    private static void Error(Utf8JsonWriter json, (string Code, string Message)? error)
    {
        json.WritePropertyName("error");
        if (error is not var (code, message))
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("code", code);
        json.WriteString("message", message);
        json.WriteEndObject();
    }

    private void Echo(Utf8JsonWriter json)
    {
        foreach (var name in Repeated)
        {
            if (request.Member(name) is { } value)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }

        json.WriteBoolean("parallel_tool_calls", request.Flag("parallel_tool_calls") ?? true);
        json.WritePropertyName("tool_choice");
        if (request.Member("tool_choice") is { } choice)
        {
            choice.WriteTo(json);
        }
        else
        {
            json.WriteStringValue("auto");
        }

        json.WritePropertyName("tools");
        if (request.Member("tools") is { } tools)
        {
            tools.WriteTo(json);
        }
        else
        {
            json.WriteStartArray();
            json.WriteEndArray();
        }

        json.WriteBoolean("store", false);
    }
}
