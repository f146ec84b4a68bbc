using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Quoin.StripeSimulator.Internal;

/// <summary>Objects of the API are JSON here too: what is stored is what is answered, but for members with <c>_</c>.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions Line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As an answer shows it.</summary>
    public static string Write(JsonNode node) => node.ToJsonString(Written);

    /// <summary>On one line.</summary>
    public static string WriteLine(JsonNode node) => node.ToJsonString(Line);

    /// <summary>A member's text; null where it has none.</summary>
    public static string? Text(this JsonObject value, string name) =>
        value[name] is JsonValue member && member.GetValueKind() == JsonValueKind.String ? member.GetValue<string>() : null;

    /// <summary>The object's own id.</summary>
    public static string Id(this JsonObject value) =>
        value.Text("id") ?? throw new InvalidOperationException("An object has no id.");

    /// <summary>What kind of object it is.</summary>
    public static string Kind(this JsonObject value) => value.Text("object") ?? string.Empty;

    /// <summary>A member's number; 0 where it has none.</summary>
    public static long Long(this JsonObject value, string name) => value.LongOrNull(name) ?? 0;

    /// <summary>A member's number; null where it has none.</summary>
    public static long? LongOrNull(this JsonObject value, string name)
    {
        if (value[name] is not JsonValue member || member.GetValueKind() != JsonValueKind.Number)
        {
            return null;
        }

        return member.TryGetValue<long>(out var number) ? number : member.TryGetValue<int>(out var small) ? small : null;
    }

    /// <summary>Whether a member is true.</summary>
    public static bool Flag(this JsonObject value, string name) =>
        value[name] is JsonValue member && member.GetValueKind() == JsonValueKind.True;

    /// <summary>A member that is an object; null where it is none.</summary>
    public static JsonObject? Child(this JsonObject value, string name) => value[name] as JsonObject;

    /// <summary>The objects of a member that is an array; none where it is none.</summary>
    public static IEnumerable<JsonObject> Children(this JsonObject value, string name) =>
        value[name] is JsonArray array ? array.OfType<JsonObject>() : [];

    /// <summary>The objects of a member that is a list of the API.</summary>
    public static IEnumerable<JsonObject> Data(this JsonObject value, string name) =>
        value[name] is JsonObject list ? list.Children("data") : [];

    /// <summary>Sets members from JSON text.</summary>
    public static void Fill(this JsonObject value, string members)
    {
        foreach (var (name, member) in JsonNode.Parse(members)!.AsObject())
        {
            value[name] = member?.DeepClone();
        }
    }

    /// <summary>A copy.</summary>
    public static JsonObject Copy(this JsonObject value) => (JsonObject)value.DeepClone();

    /// <summary>A copy of a node; null of null.</summary>
    public static JsonNode? CopyOrNull(this JsonNode? value) => value?.DeepClone();

    /// <summary>A list of the API.</summary>
    public static JsonObject List(string url, IEnumerable<JsonNode> data, bool hasMore = false) => new()
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. data]),
        ["has_more"] = hasMore,
        ["url"] = url,
    };

    /// <summary>An array of what is given.</summary>
    public static JsonArray Array(params IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    /// <summary>What the world sees: nothing whose name begins with <c>_</c>.</summary>
    public static JsonObject Shown(JsonObject value)
    {
        var shown = new JsonObject();
        foreach (var (name, member) in value)
        {
            if (!name.StartsWith('_'))
            {
                shown[name] = ShownNode(member);
            }
        }

        return shown;
    }

    private static JsonNode? ShownNode(JsonNode? node) => node switch
    {
        JsonObject inner => Shown(inner),
        JsonArray array => new JsonArray([.. array.Select(ShownNode)]),
        _ => node?.DeepClone(),
    };

    /// <summary>Unix seconds, as the API tells time.</summary>
    public static long Unix(this DateTimeOffset instant) => instant.ToUnixTimeSeconds();

    /// <summary>A number in words of the invariant culture.</summary>
    public static string Invariant(this long number) => number.ToString(CultureInfo.InvariantCulture);
}
