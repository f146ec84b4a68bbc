using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;

namespace Quoin.Platform;

/// <summary>What the API page says about schemas and operations, as text and as HTML.</summary>
internal static partial class DocsText
{
    // Below this, members of members are better read in the example.
    private const int DepthMax = 4;

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Text with <c>`code`</c> and local links, as HTML.</summary>
    public static string Inline(string? text)
    {
        var html = Link().Replace(DocsPage.Text(text), "<a href=\"${url}\">${text}</a>");
        return Code().Replace(html, "<code>${code}</code>");
    }

    /// <summary>Text of several lines, as HTML.</summary>
    public static string Lines(string? text) =>
        string.Join("<br>", (text ?? "").Split('\n').Select(line => Inline(line.TrimStart('-', ' '))));

    public static string Json(JsonNode node) => node.ToJsonString(Readable);

    /// <summary>A schema in a few words: <c>array of Money</c>.</summary>
    public static string TypeOf(IOpenApiSchema? schema)
    {
        if (schema is OpenApiSchemaReference { Reference.Id: { } name })
        {
            return name;
        }

        var alternative = (schema?.OneOf ?? []).Concat(schema?.AnyOf ?? []).FirstOrDefault(one => one.Type != JsonSchemaType.Null);
        if (alternative is not null)
        {
            return TypeOf(alternative) + " or null";
        }

        var isNullable = schema?.Type?.HasFlag(JsonSchemaType.Null) == true;
        var type = schema?.Type & ~JsonSchemaType.Null;
        var text = type switch
        {
            JsonSchemaType.Array => $"array of {TypeOf(schema!.Items)}",
            JsonSchemaType.Object when schema!.AdditionalProperties is { } values => $"map to {TypeOf(values)}",
            null => "any JSON",
            _ => schema!.Format is "date-time" ? "instant" : type.ToString()!.ToLowerInvariant(),
        };
        return isNullable ? text + " or null" : text;
    }

    /// <summary>What a value may be: its bounds, its default, its choices.</summary>
    public static string BoundsOf(IOpenApiSchema? schema)
    {
        var bounds = new List<string>();
        if (schema?.Enum is { Count: > 0 } choices && schema is not OpenApiSchemaReference)
        {
            bounds.Add(string.Join(", ", choices.Select(choice => $"`{choice}`")) + ".");
        }

        if (schema?.Minimum is { } least && schema.Maximum is { } most)
        {
            bounds.Add($"{least} to {most}.");
        }

        if (schema?.Default is { } value)
        {
            bounds.Add($"Default `{value}`.");
        }

        return string.Join(' ', bounds);
    }

    /// <summary>All members of an object, those inside others with their path: <c>data[].amount</c>.</summary>
    public static IEnumerable<Member> Members(
        IOpenApiSchema? schema, IDictionary<string, IOpenApiSchema> named, string path = "", int depth = 0)
    {
        schema = schema is OpenApiSchemaReference { Reference.Id: { } name } ? named[name] : schema;
        if (depth > DepthMax || schema is null)
        {
            yield break;
        }

        foreach (var (member, shape) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            yield return new Member(path + member, shape, schema.Required?.Contains(member) == true);
            var isArray = (shape.Type & ~JsonSchemaType.Null) == JsonSchemaType.Array;
            var inside = isArray ? shape.Items : shape;
            if (TypeOf(inside) is not "Money")
            {
                foreach (var deeper in Members(inside, named, path + member + (isArray ? "[]." : "."), depth + 1))
                {
                    yield return deeper;
                }
            }
        }
    }

    /// <summary>A call of the operation that can be pasted into a shell.</summary>
    public static string Curl(string path, string method, OpenApiOperation operation)
    {
        var parameters = operation.Parameters ?? [];
        foreach (var parameter in parameters.Where(parameter => parameter.In == ParameterLocation.Path))
        {
            path = path.Replace($"{{{parameter.Name}}}", ExampleOf(parameter), StringComparison.Ordinal);
        }

        var query = string.Join('&', parameters
            .Where(parameter => parameter.In == ParameterLocation.Query && parameter.Required)
            .Select(parameter => $"{parameter.Name}={ExampleOf(parameter)}"));
        var call = new StringBuilder("curl");
        call.Append(method == "GET" ? " " : $" -X {method} ").Append('"').Append("$QUOIN_URL").Append(path);
        call.Append(query.Length == 0 ? "" : "?" + query).Append('"');
        if (operation.Security is { Count: > 0 })
        {
            call.Append(" \\\n  -H \"Authorization: Bearer $QUOIN_KEY\"");
        }

        if (operation.RequestBody?.Content is { Count: > 0 } contents)
        {
            var media = contents.Keys.FirstOrDefault(key => key == "application/json") ?? contents.Keys.First();
            call.Append($" \\\n  -H \"Content-Type: {media}\"");
            if (contents[media].Example is { } example)
            {
                // A quote inside would end the shell's; examples have none, but this keeps it true.
                call.Append(" \\\n  -d '").Append(Json(example).Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'');
            }
        }

        return call.ToString();
    }

    private static string ExampleOf(IOpenApiParameter parameter) =>
        parameter.Schema?.Examples?.FirstOrDefault()?.ToString() ?? parameter.Schema?.Default?.ToString() ?? $"{{{parameter.Name}}}";

    [GeneratedRegex(@"\[(?<text>[^\]]+)\]\((?<url>/[^)\s]*)\)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Link();

    [GeneratedRegex("`(?<code>[^`]+)`", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Code();

    /// <summary>One member of an object.</summary>
    /// <param name="Name">Its name, with the path to it.</param>
    /// <param name="Schema">What it holds.</param>
    /// <param name="IsRequired">Whether it is always there.</param>
    public sealed record Member(string Name, IOpenApiSchema Schema, bool IsRequired);
}
