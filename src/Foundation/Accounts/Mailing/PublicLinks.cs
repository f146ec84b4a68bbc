using Microsoft.AspNetCore.Http;

namespace Quoin.Accounts;

/// <summary>
/// The address people reach this Quoin by: what links in mails begin with, what wallets and passkeys sign for, and where
/// other services send people back to. It never follows the Host header of strangers: whoever asks for a mail to somebody
/// else, or relays somebody's sign-in, would choose that themselves. This machine's own names lead nowhere else.
/// </summary>
internal sealed class PublicLinks(AccountsOptions options)
{
    /// <summary>The origin: scheme, host and port.</summary>
    /// <returns>The configured one; on this machine's own names the request's. Null where neither is.</returns>
    public Uri? Origin(HttpRequest request)
    {
        if (options.PublicUrl is { } configured)
        {
            return new Uri(configured.GetLeftPart(UriPartial.Authority));
        }

        return Uri.TryCreate($"{request.Scheme}://{request.Host.Value}", UriKind.Absolute, out var own) && own.IsLoopback
            ? own
            : null;
    }

    /// <summary>The whole address of a path of this host.</summary>
    /// <returns>Null where this host does not know how it is reached.</returns>
    public string? To(HttpRequest request, string path) => options.PublicUrl is { } configured
        ? configured.GetLeftPart(UriPartial.Path).TrimEnd('/') + path
        : Origin(request) is { } own ? Text(own) + path : null;

    /// <summary>An origin's text, without a slash at the end.</summary>
    public static string Text(Uri origin) => origin.GetLeftPart(UriPartial.Authority);
}
