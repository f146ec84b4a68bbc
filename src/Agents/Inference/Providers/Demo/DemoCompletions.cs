using System.Buffers;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>The demo provider's older completions: it completes a prompt with the prompt. A word is a token.</summary>
internal static class DemoCompletions
{
    public static bool IsStream(JsonElement body) => body.Flag("stream") ?? false;

    public static byte[] Answer(string model, JsonElement body)
    {
        var words = Words(body);
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            Choice(json, model, string.Concat(words), "stop");
            ChatFormat.Usage(json, UsageOf(words));
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    public static Stream Stream(string model, JsonElement body)
    {
        var words = Words(body);
        var output = new ArrayBufferWriter<byte>();
        using var events = new SseWriter(output);
        foreach (var word in words)
        {
            Chunk(events, model, word, null);
        }

        Chunk(events, model, "", "stop");
        if (body.Object("stream_options")?.Flag("include_usage") ?? false)
        {
            var json = events.Begin();
            json.WriteStartObject();
            ChatFormat.Head(json, "text_completion", Id, model, DateTimeOffset.UnixEpoch);
            json.WriteStartArray("choices");
            json.WriteEndArray();
            ChatFormat.Usage(json, UsageOf(words));
            json.WriteEndObject();
            events.End();
        }

        events.Done();
        return new MemoryStream(output.WrittenSpan.ToArray());
    }

    private const string Id = "cmpl-demo";

    private static IReadOnlyList<string> Words(JsonElement body)
    {
        var prompt = body.Member("prompt") switch
        {
            { ValueKind: JsonValueKind.String } one => one.GetString()!,
            { ValueKind: JsonValueKind.Array } many => string.Join(' ', many.EnumerateArray().Select(one => one.ToString())),
            _ => throw JsonMembers.Wrong("'prompt' is missing."),
        };
        return DemoScript.WordsOf(prompt);
    }

    private static ModelUsage UsageOf(IReadOnlyList<string> words) =>
        new() { InputTokens = words.Count, OutputTokens = words.Count, Requests = 1 };

    private static void Chunk(SseWriter events, string model, string text, string? reason)
    {
        var json = events.Begin();
        json.WriteStartObject();
        Choice(json, model, text, reason);
        json.WriteEndObject();
        events.End();
    }

    private static void Choice(Utf8JsonWriter json, string model, string text, string? reason)
    {
        ChatFormat.Head(json, "text_completion", Id, model, DateTimeOffset.UnixEpoch);
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteString("text", text);
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", reason);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
