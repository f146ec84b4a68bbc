using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Pieces that plain and streamed answers of OpenAI's chat completions share.</summary>
internal static class ChatFormat
{
    public static string Word(FinishReason reason) => reason switch
    {
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        FinishReason.Filtered => "content_filter",
        _ => "stop",
    };

    public static void Head(Utf8JsonWriter json, string kind, string id, string model, DateTimeOffset createdAt)
    {
        json.WriteString("id", id);
        json.WriteString("object", kind);
        json.WriteNumber("created", createdAt.ToUnixTimeSeconds());
        json.WriteString("model", model);
    }

    public static void Usage(Utf8JsonWriter json, ModelUsage usage)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", usage.AllInputTokens);
        json.WriteNumber("completion_tokens", usage.AllOutputTokens);
        json.WriteNumber("total_tokens", usage.AllInputTokens + usage.AllOutputTokens);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", usage.CachedReadTokens + usage.AudioCachedReadTokens);
        json.WriteNumber("audio_tokens", usage.AudioInputTokens);
        if (usage.CachedWriteTokens + usage.CachedWriteHourTokens is > 0 and var written)
        {
            json.WriteNumber("cache_write_tokens", written);
        }

        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", usage.ReasoningTokens);
        json.WriteNumber("audio_tokens", usage.AudioOutputTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
