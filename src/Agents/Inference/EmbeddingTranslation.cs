using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Quoin.Inference.Internal;

namespace Quoin.Inference;

/// <summary>Vendors with words of their own for embeddings.</summary>
public enum EmbeddingVendor
{
    /// <summary>Google's Gemini: <c>models.batchEmbedContents</c>.</summary>
    Gemini,

    /// <summary>Amazon's Titan on Bedrock, one text at a time.</summary>
    Titan,

    /// <summary>Cohere's on Bedrock.</summary>
    Cohere,
}

/// <summary>One of a vendor's answers to a request for embeddings.</summary>
/// <param name="Body">The answer.</param>
/// <param name="ToldTokens">Tokens that a header says it read; null where none does.</param>
public readonly record struct EmbeddingPart(ReadOnlyMemory<byte> Body, long? ToldTokens);

/// <summary>
/// Says OpenAI's embeddings in the words of vendors who have others, and back. Pure: bytes in, bytes out. Sources: "Gemini API
/// reference" (models.batchEmbedContents), "Amazon Bedrock User Guide" (inference parameters of Titan and Cohere embeddings).
/// </summary>
public static class EmbeddingTranslation
{
    private const int GeminiTextsMax = 100;
    private const int CohereTextsMax = 96;

    /// <summary>What to ask for, in as many requests as the vendor needs for all texts.</summary>
    /// <param name="vendor">Whom.</param>
    /// <param name="model">What the model is called there.</param>
    /// <param name="body">The request in OpenAI's words.</param>
    /// <exception cref="RefusedRequestException">It is none, or the vendor has no words for it.</exception>
    public static IReadOnlyList<byte[]> Requests(EmbeddingVendor vendor, string model, ReadOnlyMemory<byte> body)
    {
        using var document = JsonMembers.Parse(body);
        var asked = document.RootElement;
        var texts = TextsOf(asked);
        var atOnce = vendor switch
        {
            EmbeddingVendor.Gemini => GeminiTextsMax,
            EmbeddingVendor.Cohere => CohereTextsMax,
            _ => 1,
        };
        if (texts.Length > atOnce * Limits.EmbeddingRequestsMax)
        {
            throw JsonMembers.Unsupported($"This model takes at most {atOnce * Limits.EmbeddingRequestsMax} texts at once.");
        }

        return [.. texts.Chunk(atOnce).Select(chunk => Written(json => Write(json, vendor, model, asked, chunk)))];
    }

    /// <summary>The answer in OpenAI's words.</summary>
    /// <param name="vendor">Whose answers.</param>
    /// <param name="model">What the model is called there.</param>
    /// <param name="body">The request in OpenAI's words.</param>
    /// <param name="parts">The answers, in the order of the requests.</param>
    /// <exception cref="JsonException">One is not JSON.</exception>
    /// <exception cref="InvalidDataException">One is not the vendor's.</exception>
    public static byte[] Answer(
        EmbeddingVendor vendor, string model, ReadOnlyMemory<byte> body, IReadOnlyList<EmbeddingPart> parts)
    {
        using var document = JsonMembers.Parse(body);
        var isBase64 = document.RootElement.Text("encoding_format") == "base64";
        return Written(json =>
        {
            long? tokens = 0;
            var index = 0;
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            foreach (var part in parts)
            {
                using var answer = JsonDocument.Parse(part.Body);
                foreach (var vector in VectorsOf(vendor, answer.RootElement))
                {
                    WriteVector(json, index++, vector, isBase64);
                }

                tokens += part.ToldTokens ?? TokensOf(vendor, answer.RootElement);
            }

            json.WriteEndArray();
            json.WriteString("model", model);

            // Who was not told says nothing: then it is counted here, and flagged.
            if (tokens is { } told)
            {
                json.WriteStartObject("usage");
                json.WriteNumber("prompt_tokens", told);
                json.WriteNumber("total_tokens", told);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        });
    }

    private static string[] TextsOf(JsonElement asked) => asked.Member("input") switch
    {
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        { ValueKind: JsonValueKind.Array } many when many.GetArrayLength() > 0 =>
        [
            .. many.EnumerateArray().Select(text => text.ValueKind == JsonValueKind.String
                ? text.GetString()!
                : throw JsonMembers.Unsupported("This model takes texts, not tokens of another vendor's vocabulary.")),
        ],
        _ => throw JsonMembers.Wrong("'input' must be a text or a list of texts."),
    };

    private static void Write(
        Utf8JsonWriter json, EmbeddingVendor vendor, string model, JsonElement asked, string[] texts)
    {
        var dimensions = asked.Whole("dimensions");
        json.WriteStartObject();
        switch (vendor)
        {
            case EmbeddingVendor.Gemini:
                WriteGemini(json, model, dimensions, texts);
                break;
            case EmbeddingVendor.Cohere:
                json.WriteStartArray("texts");
                Array.ForEach(texts, json.WriteStringValue);
                json.WriteEndArray();

                // What is stored is embedded otherwise than what is looked for; OpenAI has no word for it.
                json.WriteString("input_type", asked.Text("input_type") ?? "search_document");
                WriteWhole(json, "output_dimension", dimensions);
                break;
            default:
                json.WriteString("inputText", texts[0]);
                WriteWhole(json, "dimensions", dimensions);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteGemini(Utf8JsonWriter json, string model, long? dimensions, string[] texts)
    {
        json.WriteStartArray("requests");
        foreach (var text in texts)
        {
            json.WriteStartObject();
            json.WriteString("model", $"models/{model}");
            json.WriteStartObject("content");
            json.WriteStartArray("parts");
            json.WriteStartObject();
            json.WriteString("text", text);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            WriteWhole(json, "outputDimensionality", dimensions);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteWhole(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } known)
        {
            json.WriteNumber(name, known);
        }
    }

    private static IEnumerable<JsonElement> VectorsOf(EmbeddingVendor vendor, JsonElement answer) => vendor switch
    {
        EmbeddingVendor.Gemini => Listed(answer, "embeddings").Select(one => Vector(one.Member("values"))),
        EmbeddingVendor.Titan => [Vector(answer.Member("embedding"))],

        // Where only floats were asked for they stand alone, or by their sort.
        _ when answer.Member("embeddings") is { ValueKind: JsonValueKind.Object } bySort =>
            Listed(bySort, "float").Select(one => Vector(one)),
        _ => Listed(answer, "embeddings").Select(one => Vector(one)),
    };

    private static JsonElement.ArrayEnumerator Listed(JsonElement owner, string name) =>
        owner.Member(name) is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray()
            : throw new InvalidDataException($"The answer has no list '{name}'.");

    private static JsonElement Vector(JsonElement? numbers) => numbers is { ValueKind: JsonValueKind.Array } vector
        ? vector
        : throw new InvalidDataException("The answer has no vector.");

    private static long? TokensOf(EmbeddingVendor vendor, JsonElement answer) => vendor switch
    {
        EmbeddingVendor.Titan => Count(answer, "inputTextTokenCount"),
        EmbeddingVendor.Gemini when answer.Member("usageMetadata") is { } usage => Count(usage, "promptTokenCount"),
        _ => null,
    };

    private static long? Count(JsonElement owner, string name) =>
        owner.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var count) && count >= 0
            ? count
            : null;

    private static void WriteVector(Utf8JsonWriter json, int index, JsonElement vector, bool isBase64)
    {
        json.WriteStartObject();
        json.WriteString("object", "embedding");
        json.WriteNumber("index", index);
        json.WritePropertyName("embedding");
        if (isBase64)
        {
            // As OpenAI writes them, and its clients ask for them: 32 bits each, the lowest byte first.
            float[] numbers = [.. vector.EnumerateArray().Select(number => number.GetSingle())];
            json.WriteStringValue(Convert.ToBase64String(MemoryMarshal.AsBytes(numbers.AsSpan())));
        }
        else
        {
            vector.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private static byte[] Written(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(1_024);
        using (var json = new Utf8JsonWriter(output, SseWriter.JsonOptions))
        {
            write(json);
        }

        return output.WrittenSpan.ToArray();
    }
}
