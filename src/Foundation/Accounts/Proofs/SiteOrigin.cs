using Microsoft.AspNetCore.Http;

namespace Quoin.Accounts;

/// <summary>
/// The one origin that wallets and passkeys sign for and that other services send people back to. It never follows the
/// Host header of strangers: a site that relays somebody's sign-in would choose that itself.
/// </summary>
internal sealed class SiteOrigin(AccountsOptions options)
{
    /// <summary>The configured one; on this machine's own names the request's. Null where neither is.</summary>
    public Uri? Of(HttpRequest request)
    {
        if (options.PublicUrl is { } configured)
        {
            return new Uri(configured.GetLeftPart(UriPartial.Authority));
        }

        return Uri.TryCreate($"{request.Scheme}://{request.Host.Value}", UriKind.Absolute, out var own) && own.IsLoopback
            ? own
            : null;
    }

    /// <summary>Its text, without a slash at the end.</summary>
    public static string Text(Uri origin) => origin.GetLeftPart(UriPartial.Authority);
}
