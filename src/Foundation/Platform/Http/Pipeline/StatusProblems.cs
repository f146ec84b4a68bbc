using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace Quoin.Platform;

/// <summary>The problem of an answer that ASP.NET Core ended with a bare status: no route, wrong method, broken body.</summary>
internal static class StatusProblems
{
    public static Problem? For(HttpContext context)
    {
        var response = context.Response;
        if (response.StatusCode < 400 || response.HasStarted || response.ContentType is not null || response.ContentLength is not null)
        {
            return null;
        }

        var request = context.Request;
        return response.StatusCode switch
        {
            StatusCodes.Status404NotFound => new Problem(PlatformProblems.NotFound, $"No resource has the path '{request.Path}'."),
            StatusCodes.Status405MethodNotAllowed => new Problem(
                PlatformProblems.MethodNotAllowed, $"{request.Method} is not possible here; {response.Headers.Allow} is."),
            StatusCodes.Status415UnsupportedMediaType => new Problem(
                PlatformProblems.UnsupportedMediaType, $"The Content-Type '{request.ContentType}' is not read here."),
            StatusCodes.Status413PayloadTooLarge => TooLarge(context),
            StatusCodes.Status408RequestTimeout => new Problem(PlatformProblems.RequestTimeout, "The body came too slowly."),
            StatusCodes.Status400BadRequest => new Problem(PlatformProblems.MalformedRequest, "The body could not be read."),
            _ => null,
        };
    }

    /// <summary>The problem of a body above the limit of the endpoint, or of the host.</summary>
    public static Problem TooLarge(HttpContext context)
    {
        var limit = context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize
            ?? context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize;
        var bytes = limit?.ToString("N0", CultureInfo.InvariantCulture) ?? "the configured number of";
        return new Problem(PlatformProblems.BodyTooLarge, $"This endpoint reads at most {bytes} bytes, counted after decompression.");
    }
}
