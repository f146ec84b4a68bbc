using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>The demo provider's embeddings: numbers from a hash, the same for the same text. A word is a token.</summary>
internal static class DemoEmbeddings
{
    private const int DimensionsUsual = 8;
    private const int DimensionsMax = 4_096;

    public static byte[] Answer(string model, JsonElement body)
    {
        IReadOnlyList<string> inputs = body.Member("input") switch
        {
            { ValueKind: JsonValueKind.String } one => [one.GetString()!],
            { ValueKind: JsonValueKind.Array } many => [.. many.EnumerateArray().Select(TextOf)],
            _ => throw JsonMembers.Wrong("'input' is missing."),
        };
        var dimensions = (int)Math.Clamp(body.Whole("dimensions") ?? DimensionsUsual, 1, DimensionsMax);
        var tokens = inputs.Sum(input => DemoScript.WordsOf(input).Count);
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            foreach (var (index, input) in inputs.Index())
            {
                Embedding(json, index, VectorOf(input, dimensions), body.Text("encoding_format") == "base64");
            }

            json.WriteEndArray();
            json.WriteString("model", model);
            json.WriteStartObject("usage");
            json.WriteNumber("prompt_tokens", tokens);
            json.WriteNumber("total_tokens", tokens);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    // Texts that come as tokens already have as many words as numbers.
    private static string TextOf(JsonElement input) => input.ValueKind switch
    {
        JsonValueKind.String => input.GetString()!,
        JsonValueKind.Array => string.Join(' ', input.EnumerateArray().Select(token => token.GetRawText())),
        _ => input.GetRawText(),
    };

    private static float[] VectorOf(string input, int dimensions)
    {
        var vector = new float[dimensions];
        for (var at = 0; at < dimensions; at++)
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{at}:{input}"));
            vector[at] = (hash[0] - 127.5f) / 127.5f;
        }

        var length = MathF.Sqrt(vector.Sum(number => number * number));
        return Array.ConvertAll(vector, number => number / length);
    }

    private static void Embedding(Utf8JsonWriter json, int index, float[] vector, bool isBase64)
    {
        json.WriteStartObject();
        json.WriteString("object", "embedding");
        json.WriteNumber("index", index);
        if (isBase64)
        {
            json.WriteString("embedding", Convert.ToBase64String(MemoryMarshal.AsBytes(vector.AsSpan())));
        }
        else
        {
            json.WriteStartArray("embedding");
            foreach (var number in vector)
            {
                json.WriteNumberValue(number);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
