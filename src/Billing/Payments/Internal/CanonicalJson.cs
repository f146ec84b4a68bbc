using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// JSON in one form: members in the order of their names' characters, arrays as they are, what is null left out, no
/// blanks. What is asked for holds texts and whole numbers only, so digits need no form of their own.
/// </summary>
internal static class CanonicalJson
{
    // What browsers must not see unescaped never leaves the database; fewer escapes read better there.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A record, with members named as the API names them.</summary>
    public static string Of<T>(T value)
    {
        using var document = JsonSerializer.SerializeToDocument(value, JsonConventions.Options);
        return Write(document.RootElement);
    }

    /// <summary>SHA-256 of a text as UTF-8, in lower-case hexadecimals.</summary>
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Write(JsonElement element)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            Write(writer, element);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject()
                    .Where(member => member.Value.ValueKind is not JsonValueKind.Null)
                    .OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
