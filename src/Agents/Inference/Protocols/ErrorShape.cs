using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>How each vendor says that something failed.</summary>
internal static class ErrorShape
{
    /// <summary><c>{"error":{"message","type","param","code"}}</c>.</summary>
    public static void OpenAi(Utf8JsonWriter json, string type, string? code, string message)
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", message);
        json.WriteString("type", type);
        json.WriteNull("param");
        json.WriteString("code", code);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The event <c>error</c> of OpenAI's responses.</summary>
    public static void Responses(Utf8JsonWriter json, string code, string message)
    {
        json.WriteStartObject();
        json.WriteString("type", "error");
        json.WriteString("code", code);
        json.WriteString("message", message);
        json.WriteNull("param");
        json.WriteEndObject();
    }

    /// <summary><c>{"type":"error","error":{"type","message"},"request_id"}</c>.</summary>
    public static void Anthropic(Utf8JsonWriter json, string type, string message, string? requestId = null)
    {
        json.WriteStartObject();
        json.WriteString("type", "error");
        json.WriteStartObject("error");
        json.WriteString("type", type);
        json.WriteString("message", message);
        json.WriteEndObject();
        if (requestId is not null)
        {
            json.WriteString("request_id", requestId);
        }

        json.WriteEndObject();
    }
}
