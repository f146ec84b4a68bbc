using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Quoin.Inference.Internal;

/// <summary>A request's body, read once into memory of a pool.</summary>
internal sealed class RequestBytes : IDisposable
{
    private const int FirstBytes = 16 * 1024;

    private byte[] buffer;
    private int length;

    private RequestBytes(int bytes) => buffer = ArrayPool<byte>.Shared.Rent(Math.Max(bytes, 1));

    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(0, length);

    /// <summary>Reads it; the endpoint's own limit ends what is too large.</summary>
    public static async ValueTask<RequestBytes> Read(HttpRequest request, CancellationToken cancellationToken)
    {
        var bytes = new RequestBytes((int)Math.Min(request.ContentLength + 1 ?? FirstBytes, Limits.BodyBytesMax));
        try
        {
            await bytes.Fill(request.Body, cancellationToken);
            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        (buffer, length) = ([], 0);
    }

    private async ValueTask Fill(Stream body, CancellationToken cancellationToken)
    {
        while (await body.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
        {
            length += read;
            if (length == buffer.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
        }
    }
}
