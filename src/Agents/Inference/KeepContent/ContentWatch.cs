using System.Buffers;
using System.IO.Pipelines;

namespace Quoin.Inference.Internal;

/// <summary>Writes on, and remembers the beginning of what was written.</summary>
internal sealed class ContentWatch(PipeWriter output) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> seen = new();
    private Memory<byte> lent;

    /// <summary>What was written, one byte longer than is kept where it was more than that.</summary>
    public ReadOnlyMemory<byte> Seen => seen.WrittenMemory;

    public override void Advance(int bytes)
    {
        seen.Write(lent.Span[..Math.Min(bytes, Limits.ContentBytesMax + 1 - seen.WrittenCount)]);
        output.Advance(bytes);
        lent = default;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => lent = output.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        output.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => output.Complete(exception);
}
