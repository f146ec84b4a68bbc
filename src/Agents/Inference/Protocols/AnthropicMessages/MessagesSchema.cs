using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Writes a JSON schema as Anthropic's structured outputs take it: what they refuse is told to the model in words. Source:
/// "Structured outputs" of Anthropic's documentation, "JSON Schema limitations". As deep as the request, which is bounded.
/// </summary>
internal static class MessagesSchema
{
    private static readonly HashSet<string> Formats =
        ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

    /// <summary>Writes it.</summary>
    public static void Write(Utf8JsonWriter writer, JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            schema.WriteTo(writer);
            return;
        }

        // Beside a reference they take nothing but definitions.
        var isReference = schema.Member("$ref") is not null;
        var told = new List<string>();
        writer.WriteStartObject();
        foreach (var keyword in schema.EnumerateObject())
        {
            if (!isReference || keyword.Name is "$ref" or "$defs" or "definitions")
            {
                Keyword(writer, schema, keyword, told);
            }
        }

        if (!isReference)
        {
            Closed(writer, schema);
            Description(writer, schema, told);
        }

        writer.WriteEndObject();
    }

    private static void Keyword(Utf8JsonWriter writer, JsonElement schema, JsonProperty keyword, List<string> told)
    {
        var (name, value) = (keyword.Name, keyword.Value);
        switch (name)
        {
            case "type" or "const" or "default" or "title" or "required" or "$ref":
            case "enum" when value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(IsPlain):
            case "format" when value.ValueKind == JsonValueKind.String && Formats.Contains(value.GetString()!):
            case "minItems" when value.ValueKind == JsonValueKind.Number && value.GetDouble() is 0 or 1:
                keyword.WriteTo(writer);
                break;
            case "properties" or "$defs" or "definitions" when value.ValueKind == JsonValueKind.Object:
                Named(writer, name, value);
                break;
            case "items" when value.ValueKind == JsonValueKind.Object:
                writer.WritePropertyName(name);
                Write(writer, value);
                break;
            case "anyOf" or "allOf" when value.ValueKind == JsonValueKind.Array:
                Each(writer, name, value);
                break;
            case "oneOf" when value.ValueKind == JsonValueKind.Array && schema.Member("anyOf") is null:
                Each(writer, "anyOf", value);
                break;
            case "description" or "additionalProperties" or "$schema" or "$id" or "$comment":
                // The first two are written at the end; the others say nothing of the answer.
                break;
            default:
                told.Add($"{name}: {(value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText())}");
                break;
        }
    }

    private static void Named(Utf8JsonWriter writer, string name, JsonElement schemas)
    {
        writer.WriteStartObject(name);
        foreach (var schema in schemas.EnumerateObject())
        {
            writer.WritePropertyName(schema.Name);
            Write(writer, schema.Value);
        }

        writer.WriteEndObject();
    }

    private static void Each(Utf8JsonWriter writer, string name, JsonElement schemas)
    {
        writer.WriteStartArray(name);
        foreach (var schema in schemas.EnumerateArray())
        {
            Write(writer, schema);
        }

        writer.WriteEndArray();
    }

    // They want it said of every object that it has no other members.
    private static void Closed(Utf8JsonWriter writer, JsonElement schema)
    {
        var hasProperties = schema.Member("properties") is not null;
        var isObject = schema.Member("type") switch
        {
            null => hasProperties,
            { ValueKind: JsonValueKind.Array } types => types.EnumerateArray().Any(IsObject),
            { } type => IsObject(type),
        };
        if (!isObject)
        {
            return;
        }

        if (!hasProperties)
        {
            writer.WriteStartObject("properties");
            writer.WriteEndObject();
        }

        writer.WriteBoolean("additionalProperties", false);
    }

    private static void Description(Utf8JsonWriter writer, JsonElement schema, List<string> told)
    {
        var given = schema.Member("description") is { ValueKind: JsonValueKind.String } description ? description.GetString() : null;
        var rest = told.Count == 0 ? null : $"{{{string.Join(", ", told)}}}";
        if (given is not null || rest is not null)
        {
            writer.WriteString("description", given is null ? rest : rest is null ? given : $"{given}\n\n{rest}");
        }
    }

    private static bool IsObject(JsonElement type) => type.ValueKind == JsonValueKind.String && type.ValueEquals("object");

    private static bool IsPlain(JsonElement value) => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);
}
