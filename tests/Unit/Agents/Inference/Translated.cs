using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>Translates text, and compares JSON by what it says.</summary>
internal static class Translated
{
    private static readonly AnswerHead Head = new("req_1", "asked", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    public static JsonNode Request(Protocol from, Protocol to, string body, bool isOpenAi = false, long? bound = null)
    {
        var output = new ArrayBufferWriter<byte>();
        Translation.Request(from, to, Encoding.UTF8.GetBytes(Filled(body)), new TranslationTarget("m2", 4_096, isOpenAi, bound), output);
        return JsonNode.Parse(output.WrittenSpan)!;
    }

    public static JsonNode Answer(Protocol from, Protocol to, string answer, string request = "{}", string id = "req_1")
    {
        var output = new ArrayBufferWriter<byte>();
        Translation.Answer(from, Encoding.UTF8.GetBytes(answer), to, Encoding.UTF8.GetBytes(request), Head with { Id = id }, output);
        return JsonNode.Parse(output.WrittenSpan)!;
    }

    /// <summary>The events of a translated stream: their names, or the data's type, and their data.</summary>
    public static List<(string Name, JsonNode? Data)> Stream(Protocol from, Protocol to, string stream, string request = "{}")
    {
        var output = new ArrayBufferWriter<byte>();
        using (var translation = Translation.Stream(from, to, Encoding.UTF8.GetBytes(request), Head, Estimated, output))
        {
            foreach (var one in Events(Encoding.UTF8.GetBytes(stream)))
            {
                translation.Read(one);
            }

            translation.EndOfStream();
        }

        return [.. Events(output.WrittenSpan.ToArray()).Select(one => (
            Encoding.UTF8.GetString(one.Name.Span),
            one.Data.Span.SequenceEqual("[DONE]"u8) ? JsonValue.Create("[DONE]") : JsonNode.Parse(one.Data.Span)))];
    }

    public static void ShouldSay(this JsonNode? actual, string expected)
    {
        var wanted = JsonNode.Parse(Filled(expected));
        JsonNode.DeepEquals(actual, wanted).ShouldBeTrue($"It says\n{actual}\nand not\n{wanted}");
    }

    // A schema stands in many requests; its braces would drown what is around it.
    private static string Filled(string json) => json.Replace(
        "\"#weather\"",
        """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""",
        StringComparison.Ordinal);

    private static ModelUsage Estimated => new() { InputTokens = 42, OutputTokens = 1, IsEstimated = true };

    private static IEnumerable<SseEvent> Events(byte[] bytes)
    {
        using var reader = new SseReader();
        for (var at = 0; at < bytes.Length;)
        {
            var free = reader.Free();
            var length = Math.Min(free.Length, bytes.Length - at);
            bytes.AsMemory(at, length).CopyTo(free);
            reader.Filled(length);
            at += length;
            while (reader.TryRead(out var one))
            {
                yield return one;
            }
        }
    }
}
