using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Quoin.Platform;

/// <summary>
/// What every answer tells browsers. Answers of the API may load nothing at all; pages may load what this host serves,
/// and run inline scripts that carry the request's nonce.
/// </summary>
public static class SecurityHeaders
{
    private const string NothingPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
    private static readonly object NonceKey = new();

    /// <summary>
    /// The nonce of this request, for the <c>nonce</c> attribute of inline scripts and styles; made on first use.
    /// </summary>
    public static string CspNonce(this HttpContext context)
    {
        if (context.Items[NonceKey] is string nonce)
        {
            return nonce;
        }

        nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        context.Items[NonceKey] = nonce;
        return nonce;
    }

    internal static void Write(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.ContentSecurityPolicy = NothingPolicy;
        if (!context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal))
        {
            context.Response.OnStarting(static state => AllowPage((HttpContext)state), context);
        }
    }

    private static Task AllowPage(HttpContext context)
    {
        if (context.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true)
        {
            context.Response.Headers[HeaderNames.ContentSecurityPolicy] = PagePolicy(context.CspNonce());
        }

        return Task.CompletedTask;
    }

    // Component libraries set style attributes from code, which no nonce can cover; attributes cannot load anything.
    private static string PagePolicy(string nonce) =>
        $"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        + "style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; "
        + "frame-ancestors 'none'; base-uri 'self'; form-action 'self'";
}
