using System.Text;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Arguments of a call as an object, which is how Anthropic wants them.</summary>
internal static class ToolInput
{
    /// <summary>Writes them; what is no JSON object becomes one, so that the model or the client sees the mistake.</summary>
    public static void Write(Utf8JsonWriter json, string arguments)
    {
        if (Parsed(arguments) is { } document)
        {
            using (document)
            {
                document.RootElement.WriteTo(json);
            }

            return;
        }

        json.WriteStartObject();
        if (!string.IsNullOrWhiteSpace(arguments))
        {
            json.WriteString("arguments", arguments);
        }

        json.WriteEndObject();
    }

    private static JsonDocument? Parsed(string arguments)
    {
        var json = Encoding.UTF8.GetBytes(arguments);
        if (!JsonUnicode.IsWhole(json))
        {
            return null;
        }

        try
        {
            var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
