using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Quoin.Payments.Stripe;

/// <summary>
/// The signature of Stripe's webhooks: <c>t=…,v1=…</c>, the HMAC-SHA-256 of <c>{t}.{body}</c>
/// (https://docs.stripe.com/webhooks/signature). Pure; compares in constant time.
/// </summary>
public static class StripeSignature
{
    private const string Scheme = "v1";

    /// <summary>A header as the sender makes it.</summary>
    /// <param name="body">The exact bytes.</param>
    /// <param name="secret">What the endpoint's secret is.</param>
    /// <param name="at">When it is sent.</param>
    public static string Make(ReadOnlySpan<byte> body, string secret, DateTimeOffset at)
    {
        var seconds = at.ToUnixTimeSeconds();
        Span<byte> mac = stackalloc byte[SHA256.HashSizeInBytes];
        Compute(body, secret, seconds, mac);
        return string.Create(CultureInfo.InvariantCulture, $"t={seconds},{Scheme}={Convert.ToHexStringLower(mac)}");
    }

    /// <summary>Whether one of the secrets made one of the header's signatures over exactly these bytes, not long ago.</summary>
    /// <param name="body">The exact bytes that came.</param>
    /// <param name="header">The header <c>Stripe-Signature</c>.</param>
    /// <param name="secrets">Every secret that counts; several while one is being replaced.</param>
    /// <param name="now">The system's clock.</param>
    /// <returns>Null when it is genuine; else why not, for the log.</returns>
    public static string? Fault(
        ReadOnlySpan<byte> body, string header, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(secrets);
        if (header.Length > StripeLimits.SignatureHeaderMax)
        {
            return "The header is too long.";
        }

        if (Read(header) is not ({ } seconds, { Count: > 0 } signatures))
        {
            return "The header names no time or no signature of a known scheme.";
        }

        if (!IsMadeByOne(body, seconds, signatures, secrets))
        {
            return "No secret made a signature of the header over these bytes.";
        }

        var age = now.ToUnixTimeSeconds() - seconds;
        return Math.Abs(age) > (long)StripeLimits.SignatureTolerance.TotalSeconds
            ? string.Create(CultureInfo.InvariantCulture, $"It was signed {age} s ago.")
            : null;
    }

    // Every secret is tried against every signature, whichever matches first: time tells nothing of which.
    private static bool IsMadeByOne(
        ReadOnlySpan<byte> body, long seconds, List<byte[]> signatures, IReadOnlyList<string> secrets)
    {
        Span<byte> mac = stackalloc byte[SHA256.HashSizeInBytes];
        var isMade = false;
        foreach (var secret in secrets)
        {
            Compute(body, secret, seconds, mac);
            foreach (var signature in signatures)
            {
                isMade |= CryptographicOperations.FixedTimeEquals(mac, signature);
            }
        }

        return isMade;
    }

    private static void Compute(ReadOnlySpan<byte> body, string secret, long seconds, Span<byte> mac)
    {
        Span<byte> prefix = stackalloc byte[24];
        Utf8Formatter.TryFormat(seconds, prefix, out var length);
        prefix[length++] = (byte)'.';
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(prefix[..length]);
        hmac.AppendData(body);
        hmac.GetHashAndReset(mac);
    }

    private static (long? Seconds, List<byte[]> Signatures) Read(string header)
    {
        long? seconds = null;
        List<byte[]> signatures = [];
        foreach (var part in header.Split(','))
        {
            var (name, value) = part.IndexOf('=', StringComparison.Ordinal) is var at and > 0
                ? (part[..at].Trim(), part[(at + 1)..].Trim())
                : ("", "");
            if (name == "t" && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var read))
            {
                seconds = read;
            }
            else if (name == Scheme && value.Length == SHA256.HashSizeInBytes * 2 && value.All(char.IsAsciiHexDigit)
                && signatures.Count < StripeLimits.SignaturesMax)
            {
                signatures.Add(Convert.FromHexString(value));
            }
        }

        return (seconds, signatures);
    }
}
