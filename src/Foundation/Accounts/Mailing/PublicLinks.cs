using System.Net;
using Microsoft.AspNetCore.Http;

namespace Quoin.Accounts;

/// <summary>Links that work outside this host, for mails.</summary>
internal sealed class PublicLinks(AccountsOptions options)
{
    /// <summary>The whole address of a path of this host.</summary>
    /// <returns>Null where this host does not know how it is reached.</returns>
    public string? To(HttpRequest request, string path)
    {
        if (options.PublicUrl is { } own)
        {
            return own.GetLeftPart(UriPartial.Path).TrimEnd('/') + path;
        }

        // Whoever asks for a mail to somebody else could name a host of theirs. This machine's own name leads nowhere.
        var host = request.Host.Host;
        var isThisMachine = host == "localhost" || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
        return isThisMachine ? $"{request.Scheme}://{request.Host}{path}" : null;
    }
}
