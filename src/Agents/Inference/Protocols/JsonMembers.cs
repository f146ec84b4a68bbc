using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Reading members of a vendor's JSON: what is absent or null is null, what has another shape than the protocol says is
/// the client's mistake.
/// </summary>
internal static class JsonMembers
{
    /// <summary>The request is not one of its protocol.</summary>
    public static RefusedRequestException Wrong(string message) =>
        new(InferenceProblems.InvalidModelRequest, message);

    /// <summary>The request asks for what the provider's protocol has no words for.</summary>
    public static RefusedRequestException Unsupported(string message) =>
        new(InferenceProblems.UnsupportedByModel, message);

    /// <summary>Its text cannot be read.</summary>
    public static RefusedRequestException NotUnicode() => Wrong("The request has text that is not valid Unicode.");

    /// <summary>Reads a document that must be an object; all text in it can be read.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (!JsonUnicode.IsWhole(body.Span))
        {
            throw NotUnicode();
        }

        try
        {
            var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = Limits.RequestDepthMax });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document : throw Wrong("The body must be a JSON object.");
        }
        catch (JsonException exception)
        {
            throw Wrong($"The body is not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine}.");
        }
    }

    public static JsonElement? Member(this JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object
        && owner.TryGetProperty(name, out var value)
        && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? value
            : null;

    public static string? Text(this JsonElement owner, string name) => owner.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw Wrong($"'{name}' must be a string."),
    };

    public static string RequiredText(this JsonElement owner, string name) =>
        owner.Text(name) ?? throw Wrong($"'{name}' is missing.");

    public static long? Whole(this JsonElement owner, string name) => owner.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var number) => number,
        _ => throw Wrong($"'{name}' must be a whole number."),
    };

    public static double? Number(this JsonElement owner, string name) => owner.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out var number) && double.IsFinite(number) => number,
        _ => throw Wrong($"'{name}' must be a number."),
    };

    public static bool? Flag(this JsonElement owner, string name) => owner.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong($"'{name}' must be true or false."),
    };

    public static JsonElement? Object(this JsonElement owner, string name) => owner.Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => value,
        _ => throw Wrong($"'{name}' must be an object."),
    };

    /// <summary>The items of a list; none where it is absent.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement owner, string name) => owner.Member(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } value => value.EnumerateArray(),
        _ => throw Wrong($"'{name}' must be a list."),
    };

    /// <summary>The texts of a list; none where it is absent.</summary>
    public static IEnumerable<string> Texts(this JsonElement owner, string name) => owner.Items(name).Select(item =>
        item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Wrong($"'{name}' must be a list of texts."));

    /// <summary>Takes <c>data:image/png;base64,…</c> apart; an address has no media type.</summary>
    public static (string? MediaType, string Source) Source(string url)
    {
        const string mark = ";base64,";
        var at = url.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? url.IndexOf(mark, StringComparison.Ordinal) : -1;
        return at < 0 ? (null, url) : (url[5..at], url[(at + mark.Length)..]);
    }
}
