using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Mail;

namespace Quoin.Notifications;

/// <summary>What the operator says about how organisations are told.</summary>
public sealed record NotificationOptions
{
    /// <summary>The mail server; null where no mail is sent.</summary>
    public SmtpServer? Smtp { get; init; }

    /// <summary>
    /// Where mails to people are put as files while there is no mail server, an absolute path; null for nowhere.
    /// </summary>
    public string? MailFolder { get; init; }

    /// <summary>Whom mails are from that no mail server takes.</summary>
    public const string SenderWithoutServer = "quoin@localhost";

    /// <summary>
    /// Whether webhooks may go to private and local addresses: for operators whose customers are their own network.
    /// </summary>
    public bool AllowsPrivateNetworks { get; init; }
}

/// <summary>A mail server, as a URL names it: <c>smtp://user:password@host:587?from=billing@example.com&amp;tls=none</c>.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Port">Its port; 587, for submission, where none is named.</param>
/// <param name="From">Whom mails are from.</param>
/// <param name="UsesTls">Whether the connection must be encrypted by STARTTLS; only <c>tls=none</c> says no.</param>
/// <param name="Credentials">Who sends; null where the server asks for nobody.</param>
public sealed record SmtpServer(string Host, int Port, string From, bool UsesTls, NetworkCredential? Credentials)
{
    private const int SubmissionPort = 587;

    /// <summary>Reads a URL; null when it is none, with what is wrong.</summary>
    public static SmtpServer? Read(string text, [NotNullWhen(false)] out string? wrong)
    {
        wrong = "is no address such as smtp://user:password@mail.example.com:587?from=billing@example.com";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme != "smtp" || url.Host.Length == 0)
        {
            return null;
        }

        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(url.Query);
        var from = query.TryGetValue("from", out var given) ? given.ToString() : null;
        if (from is null || !MailAddress.TryCreate(from, out _))
        {
            wrong = "names no sender: add ?from=billing@example.com";
            return null;
        }

        var tls = query.TryGetValue("tls", out var mode) ? mode.ToString() : "starttls";
        if (tls is not ("starttls" or "none"))
        {
            wrong = "has a tls that is neither starttls nor none";
            return null;
        }

        wrong = null;
        return new SmtpServer(url.Host, url.Port > 0 ? url.Port : SubmissionPort, from, tls == "starttls", CredentialsOf(url));
    }

    /// <summary>Without the password, which belongs in no log.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    private static NetworkCredential? CredentialsOf(Uri url)
    {
        var parts = url.UserInfo.Split(':', 2);
        return parts is [{ Length: > 0 } user, ..]
            ? new NetworkCredential(
                Uri.UnescapeDataString(user), parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "")
            : null;
    }
}
