using System.Text.Json;

namespace Quoin.Payments.Stripe;

/// <summary>What was read is not what the provider is known to say.</summary>
internal sealed class UnreadableAnswerException(string message) : Exception(message);

/// <summary>Reads members of Stripe's objects.</summary>
internal static class StripeJson
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>
    /// Whether a failure says that what was read is not what was expected: a member is missing, it is no JSON, or a text
    /// holds halves of letters, which the reader calls an invalid operation.
    /// </summary>
    public static bool IsUnreadable(Exception failure) =>
        failure is UnreadableAnswerException or JsonException or InvalidOperationException;

    /// <summary>A member that may be missing or null.</summary>
    public static JsonElement? Find(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var value)
        && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? value
            : null;

    /// <summary>A member within members, any of which may be missing or null.</summary>
    public static JsonElement? Find(this JsonElement element, params ReadOnlySpan<string> path)
    {
        JsonElement? found = element;
        foreach (var name in path)
        {
            found = found?.Find(name);
        }

        return found;
    }

    /// <summary>A text; null where there is none.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>A text that is always there.</summary>
    public static string NeededText(this JsonElement element, string name) =>
        element.Text(name) ?? throw Missing(element, name);

    /// <summary>The id of another object, whether the answer carries its id or the whole of it.</summary>
    public static string? Id(this JsonElement element, string name) => element.Find(name)?.OwnId();

    /// <summary>The id of an object, or the id that stands for it.</summary>
    public static string? OwnId(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Object => value.Text("id"),
        _ => null,
    };

    /// <summary>The id of another object that is always there.</summary>
    public static string NeededId(this JsonElement element, string name) => element.Id(name) ?? throw Missing(element, name);

    /// <summary>A whole number; null where there is none.</summary>
    public static long? Number(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : null;

    /// <summary>A whole number that is always there.</summary>
    public static long NeededNumber(this JsonElement element, string name) =>
        element.Number(name) ?? throw Missing(element, name);

    /// <summary>A small whole number; null where there is none.</summary>
    public static int? SmallNumber(this JsonElement element, string name) =>
        element.Number(name) is >= int.MinValue and <= int.MaxValue and var number ? (int)number : null;

    /// <summary>Whether a statement is made.</summary>
    public static bool Is(this JsonElement element, string name) => element.Find(name)?.ValueKind == JsonValueKind.True;

    /// <summary>An instant; null where there is none.</summary>
    public static DateTimeOffset? Instant(this JsonElement element, string name)
    {
        if (element.Number(name) is not { } seconds)
        {
            return null;
        }

        try
        {
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new UnreadableAnswerException($"'{name}' is no instant.");
        }
    }

    /// <summary>An instant that is always there.</summary>
    public static DateTimeOffset NeededInstant(this JsonElement element, string name) =>
        element.Instant(name) ?? throw Missing(element, name);

    /// <summary>A currency as the module writes it; null where there is none.</summary>
    public static string? Currency(this JsonElement element) => element.Text("currency")?.ToUpperInvariant();

    /// <summary>A currency that is always there.</summary>
    public static string NeededCurrency(this JsonElement element) => element.Currency() ?? throw Missing(element, "currency");

    /// <summary>The items of a list, or of a plain array; none where there is no list.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) => element.Find(name) switch
    {
        { ValueKind: JsonValueKind.Array } array => array.EnumerateArray(),
        { ValueKind: JsonValueKind.Object } list when list.Find("data") is { ValueKind: JsonValueKind.Array } data =>
            data.EnumerateArray(),
        _ => [],
    };

    /// <summary>Metadata; none where there is none.</summary>
    public static IReadOnlyDictionary<string, string> Metadata(this JsonElement element) =>
        element.Find("metadata") is { ValueKind: JsonValueKind.Object } metadata
            ? metadata.EnumerateObject()
                .Where(member => member.Value.ValueKind == JsonValueKind.String)
                .ToDictionary(member => member.Name, member => member.Value.GetString()!, StringComparer.Ordinal)
            : None;

    private static UnreadableAnswerException Missing(JsonElement element, string name) => new(
        element.ValueKind == JsonValueKind.Object
            ? $"'{name}' is missing in: {element.Text("object") ?? "something"}."
            : $"A thing with '{name}' was expected, not a {element.ValueKind}.");
}
