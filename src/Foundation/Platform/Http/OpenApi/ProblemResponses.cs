using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;

namespace Quoin.Platform;

/// <summary>The problems an operation can answer, by status.</summary>
internal static class ProblemResponses
{
    public const string SchemaName = "Problem";

    /// <summary>Adds a response for every status; each names its codes.</summary>
    public static void Add(OpenApiOperation operation, OpenApiDocument document, IList<object> metadata, CallerProblems? ofCallers)
    {
        operation.Responses ??= [];
        var codes = CodesOf(metadata, ofCallers).Distinct().OrderBy(code => code.Code, StringComparer.Ordinal);
        foreach (var status in codes.GroupBy(code => code.Status).OrderBy(group => group.Key))
        {
            operation.Responses[status.Key.ToString(CultureInfo.InvariantCulture)] = Response(document, status);
        }
    }

    /// <summary>Most operations fail in the same ways: what several of them answer is said once and referred to.</summary>
    public static void Share(OpenApiDocument document, IReadOnlyList<OpenApiOperation> operations)
    {
        var problems = operations
            .SelectMany(operation => operation.Responses!)
            .Where(response => response.Value.Content?.ContainsKey(Problem.MediaType) == true)
            .GroupBy(response => (Status: response.Key, response.Value.Description))
            .Where(group => group.Count() > 1)
            .GroupBy(group => group.Key.Status);
        document.Components!.Responses = new Dictionary<string, IOpenApiResponse>();
        foreach (var status in problems)
        {
            foreach (var (index, group) in status.Index())
            {
                var name = index == 0 ? $"problem_{status.Key}" : $"problem_{status.Key}_{index + 1}";
                document.Components.Responses[name] = group.First().Value;
                foreach (var operation in operations.Where(operation =>
                    operation.Responses!.TryGetValue(status.Key, out var response) && response.Description == group.Key.Description))
                {
                    operation.Responses![status.Key] = new OpenApiResponseReference(name, document);
                }
            }
        }
    }

    private static OpenApiResponse Response(OpenApiDocument document, IEnumerable<ProblemCode> codes) => new()
    {
        Description = string.Join("\n", codes.Select(code => $"- [`{code.Code}`](/docs/errors#{code.Code}): {code.Title}")),
        Headers = RequestIdHeader(document),
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [Problem.MediaType] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(SchemaName, document) },
        },
    };

    /// <summary>The header that every answer has.</summary>
    public static Dictionary<string, IOpenApiHeader> RequestIdHeader(OpenApiDocument document) => new()
    {
        [RequestId.Header] = new OpenApiHeaderReference(RequestId.Header, document),
    };

    /// <summary>What every problem has.</summary>
    public static OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Why a request failed (RFC 9457), with a stable `code`. Some codes add members.",
        Examples = [Example(PlatformProblems.OrganisationRequired)],
        Required = new HashSet<string> { "type", "title", "status", "detail", "code", "retryable", "what_to_do", "request_id" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("Where the code is explained."),
            ["title"] = Text("What the code means, the same every time."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Description = "The HTTP status." },
            ["detail"] = Text("What is wrong in this case."),
            ["code"] = Text("The stable code; programs decide by it."),
            ["retryable"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Boolean,
                Description = "Whether the same request may succeed later.",
            },
            ["what_to_do"] = Text("What the caller can do about it."),
            ["request_id"] = Text("Names the request in our logs."),
        },
    };

    private static IEnumerable<ProblemCode> CodesOf(IList<object> metadata, CallerProblems? ofCallers)
    {
        var access = metadata.OfType<EndpointAccess>().LastOrDefault();
        if (access is { Permission: not null } or { AnyCaller: true })
        {
            yield return PlatformProblems.Unauthenticated;
            yield return PlatformProblems.TooManyRequests;
            if (access.Permission is not null)
            {
                yield return PlatformProblems.PermissionDenied;
            }

            foreach (var code in ofCallers?.Codes ?? [])
            {
                yield return code;
            }
        }

        if (access is { NeedsOrg: true })
        {
            yield return PlatformProblems.OrganisationRequired;
        }

        if (metadata.OfType<ParameterReader>().FirstOrDefault() is { } reader)
        {
            yield return PlatformProblems.InvalidParameter;
            if (reader.Entries.Any(entry => ParameterText.IsCursor(entry.Type)))
            {
                yield return PlatformProblems.InvalidCursor;
            }
        }

        if (metadata.OfType<IRouteDiagnosticsMetadata>().Any(route => route.Route.Contains('{', StringComparison.Ordinal)))
        {
            yield return PlatformProblems.NotFound;
        }

        if (metadata.OfType<IAcceptsMetadata>().Any())
        {
            yield return PlatformProblems.MalformedJson;
            yield return PlatformProblems.BodyTooLarge;
            yield return PlatformProblems.UnsupportedMediaType;
        }

        foreach (var code in metadata.OfType<AnsweredProblems>().SelectMany(problems => problems.Codes))
        {
            yield return code;
        }

        yield return PlatformProblems.InternalError;
        yield return PlatformProblems.DatabaseUnavailable;
    }

    private static JsonObject Example(ProblemCode code) => new()
    {
        ["type"] = $"/docs/errors#{code.Code}",
        ["title"] = code.Title,
        ["status"] = code.Status,
        ["detail"] = code.Title,
        ["code"] = code.Code,
        ["retryable"] = code.Retry == Retry.Later,
        ["what_to_do"] = code.WhatToDo,
        ["request_id"] = "req_01jc000000e00800000000000r",
    };

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };
}
