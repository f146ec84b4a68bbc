using System.Buffers;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// A request's body in one rented array, never larger than the limit: a gzip bomb, which the pipeline expands as it is
/// read, is cut off where the limit lies, not where memory ends.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    private byte[] rented = [];

    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>What reading this request can cost at most, in bytes.</summary>
    public static long CostOf(HttpRequest request) =>
        request.ContentLength is { } length && !ContentEncoding.WasUsed(request.HttpContext)
            ? Math.Clamp(length, Limits.BodyBytesHeldMin, Limits.BodyBytesMax)
            : Limits.BodyBytesMax;

    /// <summary>Reads the body; false when it is longer than the limit.</summary>
    public async Task<bool> Read(HttpRequest request, CancellationToken cancellationToken)
    {
        const int firstGuess = 16 * 1024;
        var expected = (int)Math.Min(CostOf(request), request.ContentLength ?? firstGuess);
        rented = ArrayPool<byte>.Shared.Rent(expected + 1);
        var filled = 0;
        while (true)
        {
            var read = await request.Body.ReadAsync(rented.AsMemory(filled), cancellationToken);
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
