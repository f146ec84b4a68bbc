using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Quoin.Platform;

/// <summary>Completes the document: what it is, how to authenticate, and what our types mean.</summary>
internal sealed class DescribeDocument : IOpenApiDocumentTransformer
{
    public const string SecurityScheme = "bearer";

    private readonly ConcurrentDictionary<string, Type> types = new(StringComparer.Ordinal);

    /// <summary>The name of a type's schema; null where its schema stands in place.</summary>
    public string? NameOf(JsonTypeInfo info)
    {
        var type = Nullable.GetUnderlyingType(info.Type) ?? info.Type;
        if (!type.FullName!.StartsWith("Quoin.", StringComparison.Ordinal)
            || info.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary)
        {
            return null;
        }

        var name = NameOf(type);
        if (types.GetOrAdd(name, type) != type)
        {
            name = QuoinAssemblies.ModuleOf(type.Assembly) + name;
            types.TryAdd(name, type);
        }

        return name;
    }

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Quoin",
            Version = "v1",
            Description = "Usage in, balance out: metering, prices, ledger. Ids have a type prefix, instants are RFC 3339 in UTC, "
                + "money is counted in millionths of a currency, lists are paged by cursor, failures are problems (RFC 9457) "
                + "with a stable code. Unknown members and parameters are refused.",
            License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };
        document.Servers = [new OpenApiServer { Url = "/" }];
        var components = document.Components ??= new OpenApiComponents();
        components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [SecurityScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An organisation's key, or an operator's (`qn_op_…`).",
            },
        };
        components.Headers = new Dictionary<string, IOpenApiHeader>
        {
            [RequestId.Header] = new OpenApiHeader
            {
                Description = "Names this request in our logs; taken from the request where it brings one.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            },
        };
        components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        components.Schemas[ProblemResponses.SchemaName] = ProblemResponses.Schema();
        foreach (var name in components.Schemas.Keys.ToList())
        {
            Describe(components.Schemas, name);
        }

        ProblemResponses.Share(document, [.. Operations(document)]);
        OpenAnswers(document, components.Schemas);
        AddExamples(document, components.Schemas);
        return Task.CompletedTask;
    }

    private static string NameOf(Type type) => type.IsGenericType
        ? string.Concat(type.GenericTypeArguments.Select(NameOf)) + type.Name.Split('`')[0]
        : type.Name;

    private void Describe(IDictionary<string, IOpenApiSchema> schemas, string name)
    {
        if (!types.TryGetValue(name, out var type))
        {
            return;
        }

        if (ValueSchemas.Of(type) is { } value)
        {
            schemas[name] = value;
        }
        else if (schemas[name] is OpenApiSchema schema)
        {
            schema.Description = XmlDocs.Of(type);
            foreach (var property in type.GetProperties())
            {
                var member = JsonConventions.Options.PropertyNamingPolicy!.ConvertName(property.Name);
                if (schema.Properties?.TryGetValue(member, out var shown) == true)
                {
                    schema.Properties[member] = Described(shown, property.PropertyType, XmlDocs.OfMember(type, property.Name));
                }
            }
        }
    }

    private static IOpenApiSchema Described(IOpenApiSchema schema, Type type, string? description)
    {
        var bare = Nullable.GetUnderlyingType(type);
        if (schema is OpenApiSchema && ValueSchemas.Of(bare ?? type) is { Examples: not null } value)
        {
            schema = value;
            if (bare is not null)
            {
                value.Type |= JsonSchemaType.Null;
            }
        }

        if (description is not null)
        {
            schema.Description = description;
        }

        return schema;
    }

    // Requests are read strictly and their schemas say so. Answers may get new members, and clients are to expect them.
    private static void OpenAnswers(OpenApiDocument document, IDictionary<string, IOpenApiSchema> named)
    {
        var read = new HashSet<string>(StringComparer.Ordinal);
        foreach (var content in Operations(document).SelectMany(operation => operation.RequestBody?.Content?.Values.AsEnumerable() ?? []))
        {
            Follow(content.Schema);
        }

        foreach (var (_, schema) in named.Where(pair => !read.Contains(pair.Key)))
        {
            if (schema is OpenApiSchema { AdditionalPropertiesAllowed: false } answer)
            {
                answer.AdditionalPropertiesAllowed = true;
            }
        }

        void Follow(IOpenApiSchema? schema)
        {
            if (schema is OpenApiSchemaReference { Reference.Id: { } name })
            {
                if (read.Add(name))
                {
                    Follow(named[name]);
                }

                return;
            }

            var parts = (schema?.Properties?.Values.AsEnumerable() ?? []).Concat(schema?.OneOf ?? []).Concat([schema?.Items]);
            foreach (var part in parts.OfType<IOpenApiSchema>())
            {
                Follow(part);
            }
        }
    }

    private static void AddExamples(OpenApiDocument document, IDictionary<string, IOpenApiSchema> named)
    {
        var contents = Operations(document).SelectMany(operation => (operation.RequestBody?.Content?.Values.AsEnumerable() ?? [])
            .Concat(operation.Responses!
                .Where(response => response.Key.StartsWith('2'))
                .SelectMany(response => response.Value.Content?.Values.AsEnumerable() ?? [])));
        foreach (var content in contents)
        {
            content.Example ??= ApiExamples.Of(content.Schema, named);
        }
    }

    private static IEnumerable<OpenApiOperation> Operations(OpenApiDocument document) =>
        document.Paths.Values.SelectMany(path => path.Operations?.Values.AsEnumerable() ?? []);
}
