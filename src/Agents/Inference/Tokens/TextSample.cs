using System.Buffers;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// The beginning of what a stream delivers, kept while it runs for the case that its provider never counts: enough to know
/// how many bytes its tokens have.
/// </summary>
internal sealed class TextSample : IDisposable
{
    private byte[]? buffer;
    private int length;
    private bool isFull;

    /// <summary>The text.</summary>
    public ReadOnlySpan<byte> Text => buffer.AsSpan(0, length);

    /// <summary>How many bytes it had as JSON.</summary>
    public long JsonBytes { get; private set; }

    /// <summary>Keeps a string of JSON, whole or not at all.</summary>
    public void Add(ref Utf8JsonReader value)
    {
        if (isFull)
        {
            return;
        }

        buffer ??= ArrayPool<byte>.Shared.Rent(Limits.SampledBytesMax);
        isFull = value.ValueSpan.Length > buffer.Length - length;
        if (isFull)
        {
            return;
        }

        try
        {
            length += value.CopyString(buffer.AsSpan(length));
            JsonBytes += value.ValueSpan.Length;
        }
        catch (InvalidOperationException)
        {
            // Half of a pair: some cut text there. It goes on to the client, who may have the other half; the rest says enough.
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (buffer is { } rented)
        {
            (buffer, length, isFull) = (null, 0, true);
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
