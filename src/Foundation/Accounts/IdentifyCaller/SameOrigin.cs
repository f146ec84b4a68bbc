using Microsoft.AspNetCore.Http;

namespace Quoin.Accounts;

/// <summary>
/// Keeps other sites' pages from acting with a visitor's cookie, beside the cookie's own <c>SameSite=Lax</c>, which
/// sibling domains and old browsers get around. Browsers say where a request comes from in <c>Sec-Fetch-Site</c>
/// (on secure origins) and in <c>Origin</c>; programs that send neither have no visitor to trick.
/// </summary>
internal static class SameOrigin
{
    /// <summary>Whether a request that changes something, or opens a socket, comes from our own pages.</summary>
    public static bool Allows(HttpContext context)
    {
        var request = context.Request;
        var isHarmless = (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            && !context.WebSockets.IsWebSocketRequest;
        if (isHarmless)
        {
            return true;
        }

        var site = request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0)
        {
            return site.ToString() is "same-origin" or "none";
        }

        // The scheme may differ behind a proxy that ends TLS; the host does not.
        var origin = request.Headers.Origin;
        return origin.Count == 0
            || (Uri.TryCreate(origin.ToString(), UriKind.Absolute, out var uri)
                && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
