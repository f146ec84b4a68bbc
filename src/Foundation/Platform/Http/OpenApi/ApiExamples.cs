using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Quoin.Platform;

/// <summary>Makes an example of a schema, for readers who learn from examples.</summary>
internal static class ApiExamples
{
    // Deep enough for our answers; a schema that refers to itself ends here.
    private const int DepthMax = 8;

    /// <param name="schema">What to make an example of.</param>
    /// <param name="named">The document's schemas, for references.</param>
    /// <param name="depth">How deep inside the example this stands.</param>
    public static JsonNode? Of(IOpenApiSchema? schema, IDictionary<string, IOpenApiSchema> named, int depth = 0)
    {
        schema = schema is OpenApiSchemaReference { Reference.Id: { } name } ? named[name] : schema;
        if (schema is null || depth > DepthMax)
        {
            return null;
        }

        if ((schema.Examples?.FirstOrDefault() ?? schema.Default) is { } given)
        {
            return given.DeepClone();
        }

        if (schema.Enum is [{ } first, ..])
        {
            return first.DeepClone();
        }

        var alternatives = (schema.OneOf ?? []).Concat(schema.AnyOf ?? []).Where(one => one.Type != JsonSchemaType.Null).ToList();
        if (alternatives.Count > 0)
        {
            return Of(alternatives[0], named, depth + 1);
        }

        return (schema.Type & ~JsonSchemaType.Null) switch
        {
            JsonSchemaType.Object => Members(schema, named, depth),
            JsonSchemaType.Array => Of(schema.Items, named, depth + 1) is { } item ? new JsonArray(item) : new JsonArray(),
            JsonSchemaType.Integer => 1,
            JsonSchemaType.Number => 1.5,
            JsonSchemaType.Boolean => true,
            JsonSchemaType.String => "text",
            _ => new JsonObject(),
        };
    }

    private static JsonObject Members(IOpenApiSchema schema, IDictionary<string, IOpenApiSchema> named, int depth)
    {
        var example = new JsonObject();
        foreach (var (name, property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            example[name] = name == "next_cursor" ? null : Of(property, named, depth + 1);
        }

        return example;
    }
}
