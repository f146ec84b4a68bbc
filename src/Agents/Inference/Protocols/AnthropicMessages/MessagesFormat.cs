using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Pieces that plain and streamed answers of Anthropic's messages share.</summary>
internal static class MessagesFormat
{
    public static string Word(FinishReason reason) => reason switch
    {
        FinishReason.StopSequence => "stop_sequence",
        FinishReason.Length => "max_tokens",
        FinishReason.ToolCalls => "tool_use",
        FinishReason.Filtered => "refusal",
        _ => "end_turn",
    };

    public static void Head(Utf8JsonWriter json, string id, string model)
    {
        json.WriteString("id", id);
        json.WriteString("type", "message");
        json.WriteString("role", "assistant");
        json.WriteString("model", model);
    }

    /// <summary>Members of a <c>usage</c> object, cumulative as Anthropic's are.</summary>
    public static void Usage(Utf8JsonWriter json, ModelUsage usage, bool isWhole)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", usage.InputTokens + usage.AudioInputTokens);
        json.WriteNumber("cache_creation_input_tokens", usage.CachedWriteTokens + usage.CachedWriteHourTokens);
        json.WriteNumber("cache_read_input_tokens", usage.CachedReadTokens + usage.AudioCachedReadTokens);
        if (isWhole)
        {
            json.WriteStartObject("cache_creation");
            json.WriteNumber("ephemeral_5m_input_tokens", usage.CachedWriteTokens);
            json.WriteNumber("ephemeral_1h_input_tokens", usage.CachedWriteHourTokens);
            json.WriteEndObject();
        }

        json.WriteNumber("output_tokens", usage.AllOutputTokens);
        json.WriteEndObject();
    }
}
