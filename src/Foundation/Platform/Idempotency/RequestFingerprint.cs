using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Quoin.Platform;

/// <summary>
/// What makes two requests the same: who sends them, method, path with query, body, and the headers that stand for a
/// body. The sender belongs to it because the answer may be for nobody else, such as a new key's secret.
/// </summary>
internal static class RequestFingerprint
{
    // CloudEvents in binary mode carry the event's attributes in headers (HTTP protocol binding, section 3.1).
    private const string CloudEventPrefix = "ce-";

    /// <summary>Reads the body to its end and puts it back to its beginning.</summary>
    public static async Task<byte[]> Of(HttpRequest request, string actor, CancellationToken cancellationToken)
    {
        request.EnableBuffering(IdempotencyLimits.BodyInMemoryBytesMax);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var headers = request.Headers
            .Where(header => header.Key.StartsWith(CloudEventPrefix, StringComparison.OrdinalIgnoreCase))
            .OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase)
            .Select(header => $"{header.Key.ToLowerInvariant()}:{header.Value}\n");
        var path = $"{request.PathBase}{request.Path}{request.QueryString}";
        hash.AppendData(Encoding.UTF8.GetBytes($"{actor} {request.Method} {path}\n{string.Concat(headers)}\n"));
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            hash.AppendData(buffer, 0, read);
        }

        request.Body.Position = 0;
        return hash.GetHashAndReset();
    }
}
