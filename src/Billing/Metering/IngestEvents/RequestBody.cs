using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace Quoin.Metering.Internal;

/// <summary>
/// A request's body in one rented array, decompressed, never larger than the limit: a gzip bomb is cut off where the
/// limit lies, not where memory ends.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    private byte[] rented = [];

    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>Whether the request's encoding can be read.</summary>
    public static bool CanRead(HttpRequest request) =>
        request.Headers.ContentEncoding.ToString() is "" or "identity" or "gzip";

    /// <summary>What reading this request can cost at most, in bytes.</summary>
    public static long CostOf(HttpRequest request) =>
        request.ContentLength is { } length && !IsCompressed(request)
            ? Math.Clamp(length, Limits.BodyBytesHeldMin, Limits.BodyBytesMax)
            : Limits.BodyBytesMax;

    /// <summary>Reads the body; false when it is longer than the limit.</summary>
    /// <exception cref="InvalidDataException">The compressed data is broken.</exception>
    public async Task<bool> Read(HttpRequest request, CancellationToken cancellationToken)
    {
        const int firstGuess = 16 * 1024;
        await using var gzip = IsCompressed(request)
            ? new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true)
            : null;
        Stream stream = gzip is null ? request.Body : gzip;
        var expected = gzip is null && request.ContentLength is { } length ? (int)Math.Min(length, Limits.BodyBytesMax) : firstGuess;
        rented = ArrayPool<byte>.Shared.Rent(expected + 1);
        var filled = 0;
        while (true)
        {
            var read = await stream.ReadAsync(rented.AsMemory(filled), cancellationToken);
            filled += read;
            if (filled > Limits.BodyBytesMax)
            {
                return false;
            }

            if (read == 0)
            {
                Bytes = rented.AsMemory(0, filled);
                return true;
            }

            MakeRoom(filled);
        }
    }

    public void Dispose()
    {
        var array = Interlocked.Exchange(ref rented, []);
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private static bool IsCompressed(HttpRequest request) => request.Headers.ContentEncoding == "gzip";

    private void MakeRoom(int filled)
    {
        if (filled < rented.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(rented.Length * 2, Limits.BodyBytesMax + 1));
        rented.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(rented);
        rented = larger;
    }
}
