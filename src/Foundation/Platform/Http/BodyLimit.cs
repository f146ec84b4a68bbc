using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;

namespace Quoin.Platform;

/// <summary>How endpoints state how much they read.</summary>
public static class BodyLimit
{
    /// <summary>
    /// Refuses bodies above so many bytes with <c>body_too_large</c>; counted as sent, and again as expanded where the
    /// body is compressed.
    /// </summary>
    public static TBuilder LimitsBody<TBuilder>(this TBuilder builder, long bytesMax)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Limit(bytesMax));

    private sealed record Limit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
