using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Quoin.Platform;

/// <summary>Adds to an operation what its endpoint's metadata says: parameters, headers, security, problems.</summary>
internal sealed class DescribeOperation : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var document = context.Document!;
        var isWrite = context.Description.HttpMethod is not ("GET" or "HEAD");
        AddParameters(operation, metadata, context.Description.RelativePath ?? "");
        AddAccess(operation, document, metadata);
        foreach (var header in metadata.OfType<HeaderRead>())
        {
            AddHeader(operation, header.Name, header.Description, header.IsRequired);
        }

        ProblemResponses.Add(operation, document, metadata, context.ApplicationServices.GetService<CallerProblems>());
        foreach (var response in operation.Responses!.Values.OfType<OpenApiResponse>())
        {
            response.Headers = ProblemResponses.RequestIdHeader(document);
        }

        if (isWrite && metadata.OfType<BodyExample>().LastOrDefault() is { } example)
        {
            foreach (var content in operation.RequestBody?.Content?.Values.OfType<OpenApiMediaType>() ?? [])
            {
                content.Example = JsonNode.Parse(example.Json);
            }
        }

        return Task.CompletedTask;
    }

    private static void AddParameters(OpenApiOperation operation, IList<object> metadata, string path)
    {
        if (metadata.OfType<ParameterReader>().FirstOrDefault() is not { } reader)
        {
            return;
        }

        operation.Parameters = [];
        foreach (var entry in reader.Entries)
        {
            var isInPath = path.Contains($"{{{entry.Name}}}", StringComparison.Ordinal);
            var one = ValueSchemas.Of(entry.Type) ?? new OpenApiSchema { Type = JsonSchemaType.String };
            if (entry.Absent is { } value && entry.Type.IsEnum)
            {
                one.Default = ParameterText.NamesOf(entry.Type).ElementAt(Array.IndexOf(Enum.GetNames(entry.Type), value.ToString()));
            }

            operation.Parameters.Add(new OpenApiParameter
            {
                Name = entry.Name,
                In = isInPath ? ParameterLocation.Path : ParameterLocation.Query,
                Required = isInPath || entry.IsRequired,
                Description = XmlDocs.OfMember(reader.Record, entry.Member) ?? one.Description,
                Schema = entry.IsArray
                    ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = one, MaxItems = ParameterReader.ValuesMax }
                    : one,
            });
        }
    }

    private static void AddAccess(OpenApiOperation operation, OpenApiDocument document, IList<object> metadata)
    {
        var access = metadata.OfType<EndpointAccess>().LastOrDefault();
        if (access is not ({ Permission: not null } or { AnyCaller: true }))
        {
            operation.Security = [];
            return;
        }

        var bearer = new OpenApiSecuritySchemeReference(DescribeDocument.SecurityScheme, document);
        operation.Security = [new OpenApiSecurityRequirement { [bearer] = [] }];
        if (access.Permission is { } permission)
        {
            operation.Description = $"{operation.Description} Needs the permission `{permission}`.".TrimStart();
            operation.AddExtension("x-permission", new JsonNodeExtension(JsonValue.Create(permission.Name)));
        }

        var description = access.NeedsOrg
            ? "The organisation to act in. Operators must name one; a customer's key has its own."
            : "The organisation to act in, for operators who want to name one.";
        AddHeader(operation, "Quoin-Org", description, isRequired: false);
    }

    private static void AddHeader(OpenApiOperation operation, string name, string description, bool isRequired)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Header,
            Required = isRequired,
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
    }
}
