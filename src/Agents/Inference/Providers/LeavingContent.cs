using System.Net;
using System.Net.Http.Headers;

namespace Quoin.Inference.Internal;

/// <summary>
/// The JSON of a request. Its connection is found and its head is laid out while what it waits for is under way; of HTTP/1.1
/// not a byte is sent before the content is.
/// </summary>
internal sealed class LeavingContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ReadOnlyMemory<byte> body;
    private readonly Func<ValueTask> leaving;

    public LeavingContent(ReadOnlyMemory<byte> body, Func<ValueTask> leaving)
    {
        (this.body, this.leaving) = (body, leaving);
        Headers.ContentType = Json;
    }

    /// <inheritdoc />
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc />
    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await leaving();
        await stream.WriteAsync(body, cancellationToken);
    }

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
