using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Quoin.Inference;

/// <summary>Keys of an AWS account.</summary>
/// <param name="AccessKey">Which key it is.</param>
/// <param name="SecretKey">What signs.</param>
/// <param name="SessionToken">What came with keys that last for some hours; null for lasting ones.</param>
public sealed record AwsCredentials(string AccessKey, string SecretKey, string? SessionToken = null)
{
    /// <summary>Never the secrets: records print all they hold.</summary>
    public override string ToString() => AccessKey;
}

/// <summary>A request to be signed.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path as it is sent.</param>
/// <param name="Query">The names and values of its query, not escaped.</param>
/// <param name="Headers">The headers that are signed; all AWS asks for are <c>host</c> and those that begin with <c>x-amz-</c>.</param>
/// <param name="BodyHash">The body's SHA-256 in small hexadecimal digits.</param>
public sealed record AwsRequest(
    string Method,
    string Path,
    IReadOnlyList<(string Name, string Value)> Query,
    IReadOnlyList<(string Name, string Value)> Headers,
    string BodyHash);

/// <summary>
/// Signs requests to AWS with Signature Version 4, by AWS' "Create a signed AWS API request". Proven with the examples that
/// AWS publishes for those who write it themselves.
/// </summary>
public static class AwsSignature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>An instant as the header <c>x-amz-date</c> says it.</summary>
    public static string DateOf(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The value of the header <c>Authorization</c>.</summary>
    /// <param name="request">The request; its headers hold the date and, where there is one, the session token.</param>
    /// <param name="credentials">Whose request it is.</param>
    /// <param name="region">Where it goes to.</param>
    /// <param name="service">The service's name for signatures.</param>
    /// <param name="at">When it is signed; AWS takes it for five minutes.</param>
    public static string Authorization(
        AwsRequest request, AwsCredentials credentials, string region, string service, DateTimeOffset at)
    {
        var date = DateOf(at);
        var scope = $"{date[..8]}/{region}/{service}/aws4_request";
        var key = Hmac(Encoding.UTF8.GetBytes("AWS4" + credentials.SecretKey), date[..8]);
        key = Hmac(Hmac(Hmac(key, region), service), "aws4_request");
        var signature = Convert.ToHexStringLower(
            Hmac(key, $"{Algorithm}\n{date}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(Canonical(request)))}"));
        return $"{Algorithm} Credential={credentials.AccessKey}/{scope}, "
            + $"SignedHeaders={string.Join(';', Signed(request).Select(header => header.Name))}, Signature={signature}";
    }

    /// <summary>SHA-256 in small hexadecimal digits.</summary>
    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    // All services but S3 want the path escaped once more than it is sent.
    private static string Canonical(AwsRequest request)
    {
        var query = request.Query
            .Select(one => (Name: Escaped(one.Name), Value: Escaped(one.Value)))
            .OrderBy(one => one.Name, StringComparer.Ordinal)
            .ThenBy(one => one.Value, StringComparer.Ordinal)
            .Select(one => $"{one.Name}={one.Value}");
        var headers = Signed(request);
        return string.Join(
            '\n',
            request.Method,
            string.Join('/', request.Path.Split('/').Select(Escaped)),
            string.Join('&', query),
            string.Concat(headers.Select(header => $"{header.Name}:{header.Value}\n")),
            string.Join(';', headers.Select(header => header.Name)),
            request.BodyHash);
    }

    private static List<(string Name, string Value)> Signed(AwsRequest request) =>
    [
        .. request.Headers
            .Select(header => (Name: header.Name.ToLowerInvariant(), Value: Trimmed(header.Value)))
            .GroupBy(header => header.Name, StringComparer.Ordinal)
            .Select(header => (header.Key, string.Join(',', header.Select(one => one.Value))))
            .OrderBy(header => header.Key, StringComparer.Ordinal),
    ];

    private static string Trimmed(string value) =>
        string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    // What RFC 3986 lets stand, and nothing else.
    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            _ = char.IsAsciiLetterOrDigit((char)one) || (char)one is '-' or '_' or '.' or '~'
                ? escaped.Append((char)one)
                : escaped.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
        }

        return escaped.ToString();
    }

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
