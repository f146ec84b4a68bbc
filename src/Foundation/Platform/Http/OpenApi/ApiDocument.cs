using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Quoin.Platform;

/// <summary>The OpenAPI 3.1 document of this host, made once, on first demand.</summary>
internal sealed class ApiDocument(IServiceProvider services) : IDisposable
{
    /// <summary>The document's name and the API's version.</summary>
    public const string Name = "v1";

    private readonly SemaphoreSlim making = new(1);
    private Made? made;

    public static void Register(IServiceCollection services)
    {
        services.AddOpenApi(Name, options =>
        {
            var describe = new DescribeDocument();
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.CreateSchemaReferenceId = describe.NameOf;
            options.ShouldInclude = description => description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true;
            options.AddOperationTransformer<DescribeOperation>();
            options.AddDocumentTransformer(describe);
        });
        services.AddSingleton<ApiDocument>();
    }

    /// <summary><c>/openapi/v1.json</c>.</summary>
    public static async Task<IResult> Show(ApiDocument document, CancellationToken cancellationToken)
    {
        var (_, json, tag) = await document.Get(cancellationToken);
        return Results.Bytes(json, "application/json; charset=utf-8", entityTag: tag);
    }

    public async Task<Made> Get(CancellationToken cancellationToken)
    {
        if (made is { } before)
        {
            return before;
        }

        await making.WaitAsync(cancellationToken);
        try
        {
            return made ??= await Make(cancellationToken);
        }
        finally
        {
            making.Release();
        }
    }

    public void Dispose() => making.Dispose();

    private async Task<Made> Make(CancellationToken cancellationToken)
    {
        var provider = services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name);
        var document = await provider.GetOpenApiDocumentAsync(cancellationToken);
        using var json = new MemoryStream();
        await document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_1, cancellationToken);
        var bytes = json.ToArray();
        return new Made(document, bytes, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\""));
    }

    public sealed record Made(OpenApiDocument Document, byte[] Json, EntityTagHeaderValue Tag);
}
