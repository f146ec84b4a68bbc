using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Quoin.Notifications;

/// <summary>
/// Signatures as Standard Webhooks 1.0 describes them (github.com/standard-webhooks/standard-webhooks, "Signature
/// scheme"): a receiver checks them with any of its libraries.
/// </summary>
public static class StandardWebhooks
{
    /// <summary>The header with the message's id, the same for every attempt.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The header with the attempt's instant, in seconds since 1970.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The header with the signatures, one for each secret in use, with spaces between.</summary>
    public const string SignatureHeader = "webhook-signature";

    private const string SecretPrefix = "whsec_";
    private const string Version = "v1";

    /// <summary>A secret as its owner sees it.</summary>
    public static string SecretText(ReadOnlySpan<byte> secret) => SecretPrefix + Convert.ToBase64String(secret);

    /// <summary>The bytes of a secret; null when the text is none.</summary>
    public static byte[]? ReadSecret(string text)
    {
        var bytes = new byte[text.Length];
        return text.StartsWith(SecretPrefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[SecretPrefix.Length..], bytes, out var count)
            ? bytes[..count]
            : null;
    }

    /// <summary>One signature, with its version.</summary>
    /// <param name="secret">The secret's bytes.</param>
    /// <param name="id">The message's id.</param>
    /// <param name="timestamp">The attempt's instant, in seconds since 1970.</param>
    /// <param name="body">What is sent, letter by letter.</param>
    public static string Sign(ReadOnlySpan<byte> secret, string id, long timestamp, string body)
    {
        var signed = string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.{body}");
        return $"{Version},{Convert.ToBase64String(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(signed)))}";
    }
}
