using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>The JSON Schema of a payload, with what our own converters write.</summary>
internal static class PayloadSchema
{
    private static readonly ConcurrentDictionary<Type, string> Known = new();

    // A copy of its own: what we give out may be put into another document.
    public static JsonNode Of(Type type) => JsonNode.Parse(Known.GetOrAdd(type, Make))!;

    private static string Make(Type type) => JsonConventions.Options.GetJsonSchemaAsNode(
        type,
        new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => Value(context.TypeInfo.Type) ?? node,
        }).ToJsonString();

    private static JsonNode? Value(Type type) => type switch
    {
        _ when Nullable.GetUnderlyingType(type) is { } inner => Value(inner) is JsonObject schema ? OrNull(schema) : null,
        _ when type == typeof(Money) => new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["currency"] = new JsonObject { ["type"] = "string" },
                ["amount_micros"] = new JsonObject { ["type"] = "integer" },
            },
            ["required"] = new JsonArray("currency", "amount_micros"),
        },
        _ when type == typeof(DateTimeOffset) => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        _ when type == typeof(decimal) => new JsonObject { ["type"] = "string", ["pattern"] = @"^-?\d+(\.\d+)?$" },
        _ when IsId(type) => new JsonObject { ["type"] = "string" },
        _ => null,
    };

    private static JsonObject OrNull(JsonObject schema)
    {
        schema["type"] = new JsonArray((string)schema["type"]!, "null");
        return schema;
    }

    private static bool IsId(Type type) => type.IsValueType
        && type.GetInterfaces().Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IId<>));
}
