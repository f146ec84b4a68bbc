using Microsoft.AspNetCore.Http;

namespace Quoin.Platform;

/// <summary>Compressed request bodies: gzip, deflate and Brotli, one at a time, limited in their expanded size.</summary>
public static class ContentEncoding
{
    private static readonly object Key = new();

    /// <summary>Whether the request's body came compressed, which its headers no longer tell once it is expanded.</summary>
    public static bool WasUsed(HttpContext context) => context.Items.ContainsKey(Key);

    /// <summary>Lets a request through whose body can be read.</summary>
    internal static Task Check(HttpContext context, RequestDelegate next)
    {
        var encoding = context.Request.Headers.ContentEncoding;
        if (encoding.Count == 0)
        {
            return next(context);
        }

        if (encoding is not ["gzip" or "deflate" or "br"])
        {
            context.Response.Headers.AcceptEncoding = "gzip, deflate, br";
            return new Problem(PlatformProblems.UnsupportedMediaType, $"The Content-Encoding '{encoding}' is not read here.")
                .ExecuteAsync(context);
        }

        context.Items[Key] = true;
        return next(context);
    }
}
